/** The host interface that scripts of Wasmtime's suite import: `host`, with a resource that remembers its drops. */

export function hostInterfaces(): Record<string, unknown> {
  let drops = 0;
  let lastDrop = 0;

  class Resource1 {
    readonly rep: number;

    constructor(rep: number) {
      this.rep = rep;
    }

    static assert(resource: Resource1, rep: number): void {
      if (resource.rep !== rep) throw new RangeError(`expected ${rep}, found ${resource.rep}`);
    }

    static lastDrop(): number {
      return lastDrop;
    }

    static drops(): number {
      return drops;
    }

    simple(rep: number): void {
      Resource1.assert(this, rep);
    }

    takeBorrow(_other: Resource1): void {}

    takeOwn(_other: Resource1): void {}

    neverReturn(): Promise<void> {
      return new Promise(() => {});
    }

    [Symbol.dispose](): void {
      drops++;
      lastDrop = this.rep;
    }
  }

  class Resource2 {}

  const slowly = <T>(value: T): Promise<T> => new Promise((resolve) => setImmediate(resolve, value));

  return {
    hostEchoU32: async (value: number) => value,
    hostReturnTwo: () => 2,
    // Asks Wasmtime for a smaller table, to see a leak sooner.
    wasmtime: { setMaxTableCapacity: () => {} },
    host: {
      returnThree: () => 3,
      nested: { returnFour: () => 4 },
      Resource1,
      Resource2,
      Resource1Again: Resource1,
      neverReturn: () => new Promise(() => {}),
      returnTwoSlowly: () => slowly(2),
      echoSlowly: (value: number) => slowly(value),
      returnHi: () => 'hi',
    },
  };
}
