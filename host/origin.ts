/**
 * Origins (scheme, host and port) as grants name them, and whether a URL is of one that is granted. What
 * counts is what the WHATWG parser makes of the text, for that is what the request is sent by; text in
 * which a person and a parser could see different hosts is refused.
 */

/** What is written in a grant, as an origin; or what is wrong with it. */
export type ParsedOrigin =
  | { readonly origin: string; readonly problem?: undefined }
  | { readonly origin?: undefined; readonly problem: string };

/** Read an origin: `https://api.example.com`, `http://127.0.0.1:8080`. */
export function parseOrigin(text: string): ParsedOrigin {
  const example = 'an origin such as https://api.example.com or http://127.0.0.1:8080';
  const match = /^https?:\/\/([^/?#@\\\s]+?)(?::\d+)?\/?$/i.exec(text);
  const url = match && URL.parse(text);
  if (!match || !url || url.hostname.includes('*')) {
    return { problem: `expected ${example}, without user, path or wildcard` };
  }
  const written = match[1]!.toLowerCase();
  // What is not ASCII is meant to be turned into it. Anything else that changes was written to be misread.
  const isPlain = !/[^\0-\x7f]/.test(written);
  if (isPlain && written !== url.hostname) return { problem: `expected it as it is read: ${url.origin}` };
  return { origin: url.origin };
}

/** A URL that may be requested, or why it may not. */
export type JudgedUrl =
  | { readonly url: URL; readonly denied?: undefined }
  | { readonly url?: undefined; readonly denied: string };

/** Judge the URL in `text`; in a redirect it may be relative to `base`. `granted` are origins as `parseOrigin` gives them. */
export function judgeUrl(text: string, granted: readonly string[], base?: URL): JudgedUrl {
  // The parser drops or turns these, so that a URL reads differently from what it is.
  if (/[\0-\x20\x7f\\]/.test(text))
    return { denied: 'it holds white space, a backslash or a control character' };
  const url = URL.parse(text, base);
  if (url === null) return { denied: 'it is not a URL' };
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    return { denied: `its scheme is ${url.protocol}` };
  if (url.username !== '' || url.password !== '') return { denied: 'it holds a user or a password' };
  if (!granted.includes(url.origin)) return { denied: `${url.origin} is not granted` };
  return { url };
}
