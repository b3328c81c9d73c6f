/**
 * The canonical ABI at its lowest: memory that the host asks for, strings, buffers, and the memory
 * that a result occupies until the host has read it.
 *
 * Strings cross the border as UTF-16, which is what AssemblyScript keeps, so no string is transcoded here.
 * What the host writes lands in a block that already has an object's header: a string or an
 * `ArrayBuffer` is made of it by writing its class id there, without a copy. Until the glue takes
 * such a block over, it is pinned, because nothing but the host knows of it.
 *
 * Results: strings and numeric arrays are handed out by pointer. They stay alive because no guest code
 * runs, and so no collection, from the return until the host has read them; the component model promises that, for an
 * `async func` too. Other lists are laid out in raw blocks (`area`), which `cabi_post_…` frees.
 */

// An object's header, before its address: class id at -8, size at -4.
const ID: usize = 8;
const SIZE: usize = 4;

/** Allocate, grow or shrink, for the host. */
export function cabi_realloc(old: usize, oldSize: usize, align: usize, size: usize): usize {
  if (oldSize == 0) return size == 0 ? align : __pin(__new(size, idof<ArrayBuffer>()));
  __unpin(old);
  if (size == 0) return align;
  return __pin(__renew(old, size));
}

/** Take over a block whose contents have been read, or are about to be: it becomes garbage. */
export function discard(pointer: usize, byteLength: usize): void {
  if (byteLength != 0) __unpin(pointer);
}

/** A string of `length` UTF-16 code units that the host wrote at `pointer`. */
export function liftString(pointer: usize, length: usize): string {
  if (length == 0) return '';
  __unpin(pointer);
  store<u32>(pointer - ID, idof<string>());
  store<u32>(pointer - SIZE, (<u32>length) << 1);
  return changetype<string>(pointer);
}

/** Bytes that the host wrote at `pointer`. */
export function liftBuffer(pointer: usize, byteLength: usize): ArrayBuffer {
  if (byteLength == 0) return new ArrayBuffer(0);
  __unpin(pointer);
  store<u32>(pointer - SIZE, <u32>byteLength);
  return changetype<ArrayBuffer>(pointer);
}

/** Where the host finds the text of `text`. Half a surrogate pair, which the host would refuse, becomes U+FFFD. */
export function lowerString(text: string): usize {
  const pointer = changetype<usize>(text);
  const end = pointer + ((<usize>text.length) << 1);
  let at = pointer;
  // Four code units at a time; the sum carries into the top bit where a unit is 0xD800 … 0xDFFF.
  while (at + 8 <= end) {
    const shifted = (load<u64>(at) & 0xf800f800f800f800) ^ 0xd800d800d800d800;
    if (((shifted - 0x0001000100010001) & ~shifted & 0x8000800080008000) != 0)
      return wellFormed(pointer, at, end);
    at += 8;
  }
  while (at < end) {
    if ((load<u16>(at) & 0xf800) == 0xd800) return wellFormed(pointer, at, end);
    at += 2;
  }
  return pointer;
}

/** The string between `pointer` and `end` itself if it is well formed, else a mended copy. */
function wellFormed(pointer: usize, from: usize, end: usize): usize {
  let copy = pointer;
  for (let at = from; at < end; at += 2) {
    const unit = load<u16>(at);
    if ((unit & 0xf800) != 0xd800) continue;
    if (unit < 0xdc00 && at + 2 < end && (load<u16>(at + 2) & 0xfc00) == 0xdc00) {
      at += 2;
      continue;
    }
    if (copy == pointer) {
      copy = area(end - pointer);
      memory.copy(copy, pointer, end - pointer);
    }
    store<u16>(copy + (at - pointer), 0xfffd);
  }
  return copy;
}

/** Addresses of the raw blocks in use, oldest first. */
let areas: StaticArray<usize> = new StaticArray<usize>(16);
let areaCount: i32 = 0;
/** Where the blocks of the result that was lowered last begin. */
let resultAreas: i32 = 0;

/** A raw block, freed by `releaseResult` or `release`. */
export function area(size: usize): usize {
  if (size == 0) return 8;
  if (areaCount == areas.length) {
    const more = new StaticArray<usize>(areaCount << 1);
    memory.copy(changetype<usize>(more), changetype<usize>(areas), (<usize>areaCount) << alignof<usize>());
    areas = more;
  }
  const block = heap.alloc(size);
  unchecked((areas[areaCount++] = block));
  return block;
}

/** Call before a result is lowered. */
export function beginResult(): void {
  resultAreas = areaCount;
}

/** Free what the result that was lowered last occupies. */
export function releaseResult(): void {
  if (areaCount > resultAreas) release(resultAreas);
}

/** For arguments of imports: what to give to `release` once the import has returned. */
export function mark(): i32 {
  return areaCount;
}

/** Free every block that was taken since `mark` answered `since`. */
export function release(since: i32): void {
  while (areaCount > since) heap.free(unchecked(areas[--areaCount]));
}

/** What `assert` and `throw` end in. */
export function abort(
  _message: string | null = null,
  _file: string | null = null,
  _line: u32 = 0,
  _column: u32 = 0,
): void {
  unreachable();
}

/** `Math.random` starts from here: the same numbers in every instance. Seed it from `clock` for others. */
export function seed(): f64 {
  return 4711.0;
}
