/** One compiled guest in each runtime, ready to be instantiated. What is loaded for one is not loaded for another. */

/** Makes a live instance; its `work` is ready to be called. */
export type Instantiate = () => { work(n: number): unknown };

export type Runtime = 'weir' | 'jco' | 'raw';

const host = { now: () => 12n, note: () => {} };

/** Compile `component` (for `raw` its core module) in one of the runtimes. */
export const compileIn: Record<Runtime, (binary: Uint8Array) => Promise<Instantiate>> = {
  async weir(component) {
    const { compileComponent } = await import('../../../host/component/compile.ts');
    const compiled = await compileComponent(component);
    return () =>
      compiled.instantiate({ 'bench:size/host': host }).exports[
        'bench:size/guest'
      ] as ReturnType<Instantiate>;
  },
  async jco(component) {
    const { transpileOnce } = await import('../../component/oracle/transpile.ts');
    const { glue, coreModules } = await transpileOnce(component, ['bench:size/host']);
    const modules = new Map<string, WebAssembly.Module>();
    for (const [path, core] of coreModules) {
      modules.set(path, await WebAssembly.compile(core as Uint8Array<ArrayBuffer>));
    }
    const coreInstance = (module: WebAssembly.Module, imports?: WebAssembly.Imports) =>
      new WebAssembly.Instance(module, imports);
    return () =>
      glue((path) => modules.get(path)!, { 'bench:size/host': host }, coreInstance)[
        'bench:size/guest'
      ] as ReturnType<Instantiate>;
  },
  async raw(core) {
    const module = await WebAssembly.compile(core as Uint8Array<ArrayBuffer>);
    return () => {
      const { exports } = new WebAssembly.Instance(module, { 'bench:size/host': host });
      return { work: exports['bench:size/guest#work'] as (n: number) => unknown };
    };
  },
};
