/**
 * Classes of bytes, as one table of bits. Text is UTF-8; every byte of a character beyond ASCII counts
 * as a letter, so that a hit never begins or ends inside a character.
 */

/** May stand before the `@` of an e-mail address. */
export const LOCAL: u8 = 1;
/** May stand in a label of a domain name. */
export const LABEL: u8 = 2;
/** A letter, or part of a character beyond ASCII. */
export const LETTER: u8 = 4;
export const DIGIT: u8 = 8;
/** May stand in a bearer token (RFC 6750, `b64token` without the closing `=`). */
export const TOKEN: u8 = 16;
/** May stand in a JSON web token: base64url, and the dots between its parts. */
export const JWT: u8 = 32;

const table = memory.data(256);

export function is(p: usize, classes: u8): bool {
  return (load<u8>(table + load<u8>(p)) & classes) != 0;
}

function add(characters: string, classes: u8): void {
  for (let i = 0; i < characters.length; i++) {
    const at = table + characters.charCodeAt(i);
    store<u8>(at, load<u8>(at) | classes);
  }
}

add('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ', LOCAL | LABEL | LETTER | TOKEN | JWT);
add('0123456789', LOCAL | LABEL | DIGIT | TOKEN | JWT);
add('._%+-', LOCAL);
add('-', LABEL);
add('-._~+/', TOKEN);
add('-_.', JWT);
memory.fill(table + 0x80, LOCAL | LABEL | LETTER, 0x80);
