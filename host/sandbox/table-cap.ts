/**
 * The table limit: the maximum of each table that a core module defines is lowered, so that V8 itself refuses
 * to grow past it (`table.grow` then answers −1). As for memories: a table never gets more than it asked
 * for, imported tables were capped where they are defined, and each has an even share of the limit.
 */
import { WeirError } from '../errors.ts';
import { countEntries, replaceSection, sectionsOf, TABLE_SECTION } from './core-module.ts';
import { sandboxErrors } from './errors.ts';
import { Reader } from './preemption/reader.ts';
import { readConstantExpression, readValueType } from './preemption/types.ts';
import { Writer } from './preemption/writer.ts';

const HAS_MAXIMUM = 0x01;
/** A table that says with what it is filled begins with these. */
const INITIALISED = [0x40, 0x00] as const;
/** What may stand in a table is for the rewriting of code to refuse. */
const ANY = { gc: true, exnref: true };

/** How many tables a core module defines. @throws WeirError `WEIR_SANDBOX_CORE_MODULE` */
export function countTables(module: Uint8Array): number {
  return countEntries(module, TABLE_SECTION);
}

/**
 * `module` with the maximum of every table that it defines lowered to its share of `limit` elements.
 * `tables` is how many share the limit.
 * @throws WeirError `WEIR_SANDBOX_TABLE_LIMIT`, `WEIR_SANDBOX_CORE_MODULE`, `WEIR_SANDBOX_MODULE_…`
 */
export function capTables(module: Uint8Array, limit: number, tables = 1): Uint8Array {
  const section = sectionsOf(module).find(({ id }) => id === TABLE_SECTION);
  if (section === undefined) return module;
  const share = Math.floor(limit / tables);
  const reader = new Reader(module, section.end - section.body.length, section.end);
  const count = reader.u32('the number of tables');
  const out = new Writer(section.body.length + 16).u32(count);
  for (let i = 0; i < count; i++) capTable(reader, out, share, tables);
  reader.finish('the table section');
  return replaceSection(module, section, [...out.written()]);
}

function capTable(reader: Reader, out: Writer, share: number, tables: number): void {
  const start = reader.pos;
  const initialised = INITIALISED.every((byte, i) => reader.bytes[start + i] === byte);
  if (initialised) reader.skip(2, 'a table');
  readValueType(reader, ANY);
  out.raw(reader.bytes.subarray(start, reader.pos));
  const flags = reader.byte('the limits of a table');
  const minimum = reader.u64('the minimum of a table');
  const maximum = (flags & HAS_MAXIMUM) === 0 ? undefined : reader.u64('the maximum of a table');
  if (minimum > BigInt(share)) throw tooLarge(minimum, share, tables);
  const capped = maximum === undefined || maximum > BigInt(share) ? share : Number(maximum);
  out
    .byte(flags | HAS_MAXIMUM)
    .u32(Number(minimum))
    .u32(capped);
  if (!initialised) return;
  const expression = reader.pos;
  readConstantExpression(reader, ANY);
  out.raw(reader.bytes.subarray(expression, reader.pos));
}

function tooLarge(minimum: bigint, share: number, tables: number): WeirError {
  return new WeirError(
    sandboxErrors.WEIR_SANDBOX_TABLE_LIMIT,
    tables === 1
      ? `the component starts with a table of ${minimum} elements; its limit is ${share}`
      : `one of the component’s ${tables} tables starts with ${minimum} elements; its share of the limit is ${share}`,
    { hint: `raise \`limits: { table_elements: … }\` to at least ${minimum * BigInt(tables)}` },
  );
}
