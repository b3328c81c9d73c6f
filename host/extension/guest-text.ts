/** Text that a guest wrote, on its way to a person: it can neither forge a line, steer a terminal, nor fill a disk. */

/** Longest message or value, characters: a stack trace fits, a batch does not. */
const TEXT_MAX = 8192;

/** `text` cut to a bounded length, on one line, with control characters escaped as `\x1b`. */
export function guestText(text: string): string {
  const cut = text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}… (${text.length} characters)` : text;
  // Cc: control characters; Bidi_Control: marks that reorder what a terminal shows.
  return cut.replace(/\p{Cc}|\p{Bidi_Control}|[\u2028\u2029]/gu, (character) => {
    if (character === '\n') return '\\n';
    if (character === '\t') return ' ';
    const code = character.codePointAt(0)!.toString(16);
    return code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`;
  });
}
