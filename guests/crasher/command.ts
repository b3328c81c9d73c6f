/**
 * Finds the command in a batch: an attribute with the key `weir.crash` and a string value. It is found by
 * its bytes as every encoder writes them, so it may be an attribute of anything in any signal:
 *
 *     0a 0a "weir.crash"   KeyValue.key, 10 bytes
 *     12 …                 KeyValue.value, of some length
 *     0a …                 AnyValue.string_value, of some length
 */

const KEY_FIELD: u16 = 0x0a0a;
const VALUE_FIELD: u8 = 0x12;
const STRING_FIELD: u8 = 0x0a;

// `weir.cra` and `sh`, read as little-endian numbers.
const WEIR_CRA: u64 = 0x6172632e72696577;
const SH: u16 = 0x6873;

const KEY_SIZE: usize = 12;
/** The key, and a tag and a length of one byte each, twice: no way has a name of 126 characters. */
const COMMAND_SIZE: usize = KEY_SIZE + 4;

/** The name of the way to crash, or null when the batch holds no command. */
export function commandIn(batch: Uint8Array): string | null {
  const end = batch.dataStart + batch.byteLength;
  for (let at = batch.dataStart; at + COMMAND_SIZE <= end; at++) {
    if (load<u16>(at) != KEY_FIELD || load<u64>(at, 2) != WEIR_CRA || load<u16>(at, 10) != SH) continue;
    const value = at + KEY_SIZE;
    const length = <usize>load<u8>(value, 3);
    if (load<u8>(value) != VALUE_FIELD || load<u8>(value, 2) != STRING_FIELD) continue;
    if (<usize>load<u8>(value, 1) != length + 2 || value + 4 + length > end) continue;
    return String.UTF8.decodeUnsafe(value + 4, length);
  }
  return null;
}
