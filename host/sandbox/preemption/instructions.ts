/**
 * What follows each opcode in the binary format, as far as a rewriter must know: enough to find the
 * next instruction, the instructions that it changes, and those that may be refused.
 * WebAssembly 3.0, "Binary Format / Instructions"; the legacy exception instructions are V8's.
 */

/** The shape of an instruction: what its immediates are, or which rule of the rewriter treats it. */
export const Shape = {
  /** Not an instruction. */
  unknown: 0,
  /** No immediates. */
  plain: 1,
  /** One integer. */
  integer: 2,
  /** Two integers. */
  twoIntegers: 3,
  /** A memory argument, whose memory index may shift. */
  memory: 4,
  /** A memory index alone. */
  memoryIndex: 5,
  /** A block type; opens a block. */
  block: 6,
  /** A block type. */
  loop: 7,
  end: 8,
  /** One label. */
  branch: 9,
  branchTable: 10,
  /** One index; calls. */
  call: 11,
  /** Two indices; calls. */
  callIndirect: 12,
  fourBytes: 13,
  eightBytes: 14,
  /** A vector of value types. */
  selectTyped: 15,
  /** A heap type. */
  heapType: 16,
  /** Ends a block, with a label. */
  delegate: 17,
  tryTable: 18,
  /** `throw_ref`. */
  throwReference: 19,
  /** `ref.eq`. */
  gcPlain: 20,
  prefixGc: 21,
  prefixBulk: 22,
  prefixVector: 23,
  prefixAtomic: 24,
  /** `else`, `catch_all`: where control flow meets. */
  alternative: 25,
  /** `catch`: the same, with a tag. */
  alternativeWithTag: 26,
  /** A block type. */
  if: 27,
  /** No immediates, and nothing goes on from here. */
  stop: 28,
  /** One integer; the same. */
  throw: 29,
} as const;

export const shapes: Uint8Array = (() => {
  const table = new Uint8Array(256);
  const set = (shape: number, from: number, to = from) => table.fill(shape, from, to + 1);
  set(Shape.stop, 0x00); // unreachable
  set(Shape.plain, 0x01); // nop
  set(Shape.block, 0x02); // block
  set(Shape.loop, 0x03);
  set(Shape.if, 0x04);
  set(Shape.alternative, 0x05); // else
  set(Shape.block, 0x06); // try
  set(Shape.alternativeWithTag, 0x07); // catch
  set(Shape.throw, 0x08, 0x09); // throw, rethrow
  set(Shape.throwReference, 0x0a);
  set(Shape.end, 0x0b);
  set(Shape.branch, 0x0c, 0x0d); // br, br_if
  set(Shape.branchTable, 0x0e);
  set(Shape.stop, 0x0f); // return
  set(Shape.call, 0x10); // call
  set(Shape.callIndirect, 0x11); // call_indirect
  set(Shape.call, 0x12); // return_call
  set(Shape.callIndirect, 0x13); // return_call_indirect
  set(Shape.call, 0x14, 0x15); // call_ref, return_call_ref
  set(Shape.delegate, 0x18);
  set(Shape.alternative, 0x19); // catch_all
  set(Shape.plain, 0x1a, 0x1b); // drop, select
  set(Shape.selectTyped, 0x1c);
  set(Shape.tryTable, 0x1f);
  set(Shape.integer, 0x20, 0x26); // local.*, global.*, table.get, table.set
  set(Shape.memory, 0x28, 0x3e); // loads and stores
  set(Shape.memoryIndex, 0x3f, 0x40); // memory.size, memory.grow
  set(Shape.integer, 0x41, 0x42); // i32.const, i64.const
  set(Shape.fourBytes, 0x43); // f32.const
  set(Shape.eightBytes, 0x44); // f64.const
  set(Shape.plain, 0x45, 0xc4); // numeric
  set(Shape.heapType, 0xd0); // ref.null
  set(Shape.plain, 0xd1); // ref.is_null
  set(Shape.integer, 0xd2); // ref.func
  set(Shape.gcPlain, 0xd3); // ref.eq
  set(Shape.plain, 0xd4); // ref.as_non_null
  set(Shape.branch, 0xd5, 0xd6); // br_on_null, br_on_non_null
  set(Shape.prefixGc, 0xfb);
  set(Shape.prefixBulk, 0xfc);
  set(Shape.prefixVector, 0xfd);
  set(Shape.prefixAtomic, 0xfe);
  return table;
})();

/** How many integers follow a 0xfb instruction; 255: not an instruction. `br_on_cast` has a byte before them. */
export function gcImmediates(opcode: number): number {
  if (opcode > 30) return 255;
  return [1, 1, 2, 2, 2, 2, 1, 1, 2, 2, 2, 1, 1, 1, 1, 0, 1, 2, 2, 2, 1, 1, 1, 1, 3, 3, 0, 0, 0, 0, 0][
    opcode
  ]!;
}

/** The shapes of 0xfd instructions. */
export const VectorShape = {
  unknown: 0,
  plain: 1,
  memory: 2,
  memoryLane: 3,
  lane: 4,
  sixteenBytes: 5,
} as const;

export function vectorShape(opcode: number): number {
  if (opcode <= 11 || opcode === 92 || opcode === 93) return VectorShape.memory;
  if (opcode === 12 || opcode === 13) return VectorShape.sixteenBytes;
  if (opcode >= 21 && opcode <= 34) return VectorShape.lane;
  if (opcode >= 84 && opcode <= 91) return VectorShape.memoryLane;
  return opcode <= 0x113 ? VectorShape.plain : VectorShape.unknown;
}
