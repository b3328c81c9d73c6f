/** The text of a component in a script → its binary, by wasm-tools. */
import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { Excluded } from './outcome.ts';
import { headOf, isText, type List } from './script.ts';

/** The text itself is wrong, so there is no binary to refuse. */
export class AssemblyError extends Error {
  override readonly name = 'AssemblyError';
}

/** @throws AssemblyError, or Excluded for what is no component */
export async function assemble(list: List): Promise<Uint8Array> {
  if (headOf(list) !== 'component') throw new Excluded(`a ${headOf(list)} outside of a component`);
  const form = list.items.find((item) => item === 'binary' || item === 'quote');
  const bytes = Buffer.concat(list.items.filter(isText).map((text) => text.bytes));
  if (form === 'binary') return bytes;
  const source =
    form === 'quote'
      ? `(component ${bytes.toString('utf8')})`
      : list.source.replace(/^\(component\s+definition\b/, '(component');
  try {
    return await parse(source);
  } catch (error) {
    throw new AssemblyError(messageOf(error));
  }
}

/** The one sentence that matters in what wasm-tools throws. */
function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return /Custom\("(.*?)"\)/.exec(text)?.[1] ?? text;
}
