/** Components for tests: WIT and the text of one core module in, a component binary out. */
import { componentEmbed, componentNew, parse } from '@bytecodealliance/jco-transpile/wasm-tools';

export interface ComponentSource {
  /** The text of a WIT package that holds `world`. */
  readonly wit: string;
  readonly world: string;
  /** A core module with the imports and exports that the world's canonical ABI asks for. */
  readonly core: string;
  /** Of strings in memory; `utf8` unless given. */
  readonly encoding?: 'utf8' | 'utf16' | 'compact-utf16';
}

export async function makeComponent({ wit, world, core, encoding }: ComponentSource): Promise<Uint8Array> {
  const binary = await parse(core);
  return componentNew(
    await componentEmbed({ binary, witSource: wit, world, stringEncoding: encoding ?? 'utf8' }),
  );
}
