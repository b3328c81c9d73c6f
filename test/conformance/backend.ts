/** The runtimes that scripts can be run on: ours, and jco for comparison. */
import { compileComponent } from '../../host/component/compile.ts';
import type { Component, Imports, Instance } from '../../host/component/component.ts';
import { describeComponent } from '../../host/component/decode/describe.ts';
import type { ComponentType } from '../../host/component/types.ts';
import { instantiateGlue } from '../component/oracle/instance.ts';
import { transpileOnce } from '../component/oracle/transpile.ts';

/** A component of a script, ready to be instantiated. */
export interface Compiled {
  /** Absent where our decoder, which is not under test then, makes nothing of it. */
  readonly type: ComponentType | undefined;
  instantiate(imports: Imports): Instance;
}

export interface Backend {
  readonly name: string;
  /** Does it tell kinds of traps apart? */
  readonly trapKinds: boolean;
  /** @throws DecodeError or UnsupportedError where it refuses the component */
  compile(bytes: Uint8Array): Promise<Compiled>;
}

const weir: Backend = {
  name: 'weir',
  trapKinds: true,
  compile: (bytes): Promise<Component> => compileComponent(bytes),
};

const jco: Backend = {
  name: 'jco',
  trapKinds: false,
  async compile(bytes) {
    const type = described(bytes);
    const { glue, coreModules } = await transpileOnce(bytes, type?.imports.map(({ name }) => name) ?? []);
    const modules = new Map<string, WebAssembly.Module>();
    for (const [path, core] of coreModules) {
      modules.set(path, await WebAssembly.compile(core as Uint8Array<ArrayBuffer>));
    }
    return { type, instantiate: (imports) => instantiateGlue(glue, modules, imports, {}) };
  },
};

function described(bytes: Uint8Array): ComponentType | undefined {
  try {
    return describeComponent(bytes);
  } catch {
    return undefined;
  }
}

export const backends: Readonly<Record<string, Backend>> = { weir, jco };
