/**
 * The names of imports, exports, fields and cases: their grammar (Explainer.md, "Import and Export
 * Definitions"), which of them count as the same ("Name Uniqueness"), and how JavaScript spells them.
 *
 * The grammar is a security boundary too: only text that passed `isLabel` may enter generated code.
 */

const label = '(?:[a-z][0-9a-z]*|[A-Z][0-9A-Z]*)(?:-(?:[0-9a-z]+|[0-9A-Z]+))*';
const words = '[a-z][0-9a-z]*(?:-[0-9a-z]+)*';
const numeric = '(?:0|[1-9][0-9]*)';
const preRelease = `(?:${numeric}|[0-9]*[A-Za-z-][0-9A-Za-z-]*)`;
const semver = `${numeric}\\.${numeric}\\.${numeric}(?:-${preRelease}(?:\\.${preRelease})*)?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?`;

const labelPattern = new RegExp(`^${label}$`);
const interfacePattern = new RegExp(`^${words}:${words}/${label}(?:@${semver})?$`);
const resourceFunctionPattern = new RegExp(`^\\[(method|static)\\](${label})\\.(${label})$`);
const constructorPattern = new RegExp(`^\\[constructor\\](${label})$`);

/** Longer names are refused; the pattern would still be linear, but nobody needs them. */
const longestName = 100_000;

export function isLabel(text: string): boolean {
  return text.length <= longestName && labelPattern.test(text);
}

export function isInterfaceName(text: string): boolean {
  return text.length <= longestName && interfacePattern.test(text);
}

/** What an import or export name says about the thing that it names. */
export type ExternName =
  | { readonly kind: 'label' | 'interface'; readonly name: string }
  | { readonly kind: 'constructor'; readonly resource: string }
  | { readonly kind: 'method' | 'static'; readonly resource: string; readonly name: string };

/** Undefined when `text` is not a name that the grammar allows. */
export function parseExternName(text: string): ExternName | undefined {
  if (text.length > longestName) return undefined;
  if (labelPattern.test(text)) return { kind: 'label', name: text };
  if (interfacePattern.test(text)) return { kind: 'interface', name: text };
  const constructed = constructorPattern.exec(text);
  if (constructed) return { kind: 'constructor', resource: constructed[1]! };
  const member = resourceFunctionPattern.exec(text);
  if (member) return { kind: member[1] as 'method' | 'static', resource: member[2]!, name: member[3]! };
  return undefined;
}

/** Two names with the same result are not strongly unique. */
export function uniquenessKey(text: string): string {
  const lower = text.toLowerCase();
  const member = /^\[(?:method|static)\]([^.]*)\.(.*)$/.exec(lower);
  if (member) return member[1] === member[2] ? member[1]! : `${member[1]}.${member[2]}`;
  return lower;
}

/** `try-acquire` → `tryAcquire`. */
export function camelCase(text: string): string {
  const [first, ...rest] = text.toLowerCase().split('-');
  return first! + rest.map(capitalised).join('');
}

/** `bearer-token` → `BearerToken`. */
export function pascalCase(text: string): string {
  return text.toLowerCase().split('-').map(capitalised).join('');
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
