/**
 * What a schema has to say about a value, in this project's words: zod's issues, simplified. Places and
 * hints are added by `check.ts`, which knows the file.
 */
import type { z } from 'zod';

export type Issue = z.core.$ZodIssue;

/** The message of an issue, where its schema gives none; all begin with "expected". Handed to zod. */
export function issueMessage(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${typeName(issue.expected)}`;
    case 'invalid_value':
      return `expected ${oneOf(issue.values.map((value) => JSON.stringify(value) ?? String(value)))}`;
    case 'too_small':
      return `expected ${tooFar(issue.origin, issue.inclusive === false ? 'more than' : 'at least', Number(issue.minimum))}`;
    case 'too_big':
      return `expected ${tooFar(issue.origin, issue.inclusive === false ? 'less than' : 'at most', Number(issue.maximum))}`;
    case 'invalid_format':
      return issue.format === 'regex'
        ? `expected text that matches ${issue.pattern}`
        : `expected ${formatNames[issue.format] ?? `text in the format ${issue.format}`}`;
    case 'not_multiple_of':
      return `expected a multiple of ${issue.divisor}`;
    case 'invalid_union':
      return ''; // `simplified` takes the message from the alternatives.
    default:
      return 'expected another value';
  }
}

/**
 * The issues with unions resolved: of several alternatives, the one whose shape fits the value speaks;
 * where none fits, all say in one message what they expected. Paths are made absolute.
 */
export function simplified(issues: readonly Issue[], prefix: readonly PropertyKey[] = []): Issue[] {
  return issues.flatMap((issue) => {
    const path = [...prefix, ...issue.path];
    if (issue.code !== 'invalid_union') return [{ ...issue, path }];
    if (issue.message !== '') return [{ ...issue, path }];
    const alternatives = issue.errors.map((alternative) => simplified(alternative, path));
    const [fitting] = alternatives
      .filter((alternative) => !alternative.some((inner) => misfits(inner, path.length)))
      .sort((a, b) => a.length - b.length);
    if (fitting !== undefined) return fitting;
    const expected = alternatives.flatMap((alternative) =>
      alternative
        .filter((inner) => inner.path.length === path.length)
        .map((inner) => inner.message.replace(/^expected /, '')),
    );
    return [{ ...issue, path, message: `expected ${oneOf([...new Set(expected)])}` }];
  });
}

/** The scalar types that the issue would rather have at its own path, for values that may be typed. */
export function wantsTyped(issue: Issue): boolean {
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected === 'number' || issue.expected === 'int' || issue.expected === 'boolean';
    case 'invalid_value':
      return issue.values.some((value) => typeof value === 'number' || typeof value === 'boolean');
    case 'invalid_union':
      return issue.errors.some((alternative) =>
        alternative.some((inner) => inner.path.length === 0 && wantsTyped(inner)),
      );
    default:
      return false;
  }
}

function misfits(issue: Issue, depth: number): boolean {
  return issue.path.length === depth && saysWrongType(issue);
}

/** The value is not of the right type at all, or there is none. */
export function saysWrongType(issue: Issue): boolean {
  return issue.code === 'invalid_type' || issue.code === 'invalid_value' || issue.code === 'invalid_union';
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
  tuple: 'a list',
  null: 'nothing',
  never: 'nothing here',
};

function typeName(expected: string): string {
  return typeNames[expected] ?? expected;
}

const formatNames: Readonly<Record<string, string>> = {
  url: 'a URL',
  email: 'an e-mail address',
  uuid: 'a UUID',
  ipv4: 'an IPv4 address',
  ipv6: 'an IPv6 address',
  datetime: 'a date and time such as 2026-01-31T12:00:00Z',
  date: 'a date such as 2026-01-31',
  safeint: 'a whole number',
};

function tooFar(origin: string, comparison: string, bound: number): string {
  if (origin === 'string' && comparison === 'at least' && bound === 1) return 'text that is not empty';
  const unit: Record<string, string> = { string: 'character', array: 'item', object: 'key' };
  return unit[origin] === undefined
    ? `${comparison} ${bound}`
    : `${comparison} ${bound} ${unit[origin]}${bound === 1 ? '' : 's'}`;
}

function oneOf(names: readonly string[]): string {
  if (names.length < 2) return names[0] ?? 'another value';
  return `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}
