/** The tokens that are known, and the search among them, whose time tells nothing about a token. */
import { Tuple2 } from './generated/wit';
import { DIGEST_SIZE } from './sha256';

/** Who bears one of the tokens. */
export class Entry {
  constructor(
    public principal: string,
    public claims: Array<Tuple2<string, string>>,
    public notPermitted: bool,
  ) {}
}

let entries: Array<Entry> = [];
/** The digests of all tokens, one after the other, in the order of `entries`. */
let digests: StaticArray<u8> = new StaticArray<u8>(0);

/** Know these from now on; `allDigests` holds 32 bytes for each entry. */
export function know(allEntries: Array<Entry>, allDigests: StaticArray<u8>): void {
  entries = allEntries;
  digests = allDigests;
}

/**
 * The entry whose digest is at `digest`, or null. Looks at every byte of every entry and takes no branch
 * that depends on them, until the answer is known.
 */
export function find(digest: usize): Entry | null {
  let found: u32 = 0;
  for (let i = 0; i < entries.length; i++) {
    const known = changetype<usize>(digests) + <usize>i * DIGEST_SIZE;
    let difference: u64 = 0;
    for (let at: usize = 0; at < DIGEST_SIZE; at += 8)
      difference |= load<u64>(known + at) ^ load<u64>(digest + at);
    // All ones where nothing differs, else zero.
    const same = <u32>(((difference | (0 - difference)) >> 63) ^ 1);
    found |= (0 - same) & <u32>(i + 1);
  }
  return found == 0 ? null : entries[found - 1];
}
