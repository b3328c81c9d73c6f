/** Sections: mappings whose keys are names that the operator chose, and whose entries are checked one by one. */
import type { Entry } from './document.ts';
import { configErrors } from './errors.ts';
import type { Report } from './report.ts';
import { nameSchema } from './schema.ts';

/** The entries of the section `key` of `holder`; empty when it is left out, or is no mapping. */
export function sectionOf(holder: Entry, key: string): ReadonlyMap<string, Entry> {
  return holder.fields?.get(key)?.fields ?? new Map();
}

/** Report names that could not be used in metrics and URLs. */
export function checkNames(section: ReadonlyMap<string, Entry>, what: string, report: Report): void {
  for (const [name, entry] of section) {
    const result = nameSchema.safeParse(name);
    if (result.success) continue;
    const message = `${JSON.stringify(name)} cannot be the name of ${what}: ${result.error.issues[0]!.message}`;
    report.key(configErrors.WEIR_CONFIG_VALUE, entry, message);
  }
}

/** What stands at `key`, or an empty mapping there (or at `holder`'s own key) when nothing does. */
export function fieldOrEmpty(holder: Entry, key: string): Entry {
  const field = holder.fields?.get(key);
  if (field !== undefined && field.scalar !== null) return field;
  return {
    span: holder.keySpan ?? holder.span,
    keySpan: holder.keySpan,
    fields: new Map(),
    ...positionsOf(field),
  };
}

function positionsOf(entry: Entry | undefined): Pick<Entry, 'span' | 'keySpan'> | undefined {
  return entry && { span: entry.span, keySpan: entry.keySpan };
}
