/**
 * A configuration as it may be shown: what the file says, with secrets masked. A substitution is shown
 * as it was written, its value and its default never; whatever stands under a key `headers` is masked.
 */
import { stringify } from 'yaml';
import { type Entry, entriesUnder } from './document.ts';
import type { EngineConfig } from './model.ts';
import { MASK, type Report } from './report.ts';

/** The configuration as YAML, fit for a terminal, a log or an answer over HTTP. */
export function showConfig(config: EngineConfig): string {
  return stringify(config.shown, { lineWidth: 0, aliasDuplicateObjects: false });
}

/** `entry` as plain data, masked. */
export function maskedValue(entry: Entry, secret = false): unknown {
  if (entry.fields !== undefined) {
    return Object.fromEntries(
      [...entry.fields].map(([key, field]) => [key, maskedValue(field, secret || holdsHeaders(key))]),
    );
  }
  if (entry.items !== undefined) return entry.items.map((item) => maskedValue(item, secret));
  return secret ? MASK : (entry.substitution?.shown ?? entry.scalar);
}

/** Keep header values out of the lines of the file that errors show. */
export function hideHeaders(root: Entry, report: Report): void {
  for (const { fields } of entriesUnder(root)) {
    const headers = [...(fields ?? [])].find(([key]) => holdsHeaders(key))?.[1];
    if (headers === undefined) continue;
    for (const entry of entriesUnder(headers)) if (entry.scalar !== undefined) report.hide(entry.span);
  }
}

function holdsHeaders(key: string): boolean {
  return key === 'headers';
}
