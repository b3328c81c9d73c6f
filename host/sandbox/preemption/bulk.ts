/**
 * Bulk operations in chunks. `memory.fill` over gigabytes is one instruction, and nothing can stop it
 * half-way; so each bulk operation becomes a call of a function, added to the module, that does the
 * same in chunks with a check before each.
 *
 * Invariants
 * - The operation traps where the original one would, with the same message, before it has written
 *   anything: out-of-range arguments are found by the original instruction itself, with length zero at the far end.
 * - Copies whose ranges overlap give what `memmove` gives: chunks go backwards when the target is above the source.
 * - The functions have the highest indices, so that no other function's index moves.
 */
import { malformed, tooCostly } from './errors.ts';
import { Writer } from './writer.ts';

/** Bytes of memory that are filled or copied between two checks: some ten microseconds of work. */
export const MEMORY_CHUNK = 256 * 1024;
/** Table elements between two checks. `table.init` makes a function reference for each, about 50 ns apiece. */
export const TABLE_CHUNK = 32 * 1024;

const I32 = 0x7f;
const I64 = 0x7e;

/** What the rewriter knows of a memory or a table. */
export interface AddressSpace {
  /** 64-bit addresses? */
  readonly wide: boolean;
  /** The element type's bytes, for tables. */
  readonly element?: Uint8Array;
}

interface ChunkedOperation {
  readonly name: string;
  /** Of target, source (or value), length. */
  readonly types: readonly [Uint8Array, Uint8Array, Uint8Array];
  readonly targetWide: boolean;
  /** Undefined when the second operand is a value and not an address. */
  readonly sourceWide: boolean | undefined;
  readonly lengthWide: boolean;
  readonly mayOverlap: boolean;
  readonly chunk: number;
  /** The original instruction. */
  readonly instruction: readonly number[];
}

/** The functions that a module needs, made as its code asks for them. */
export class BulkFunctions {
  readonly #operations: ChunkedOperation[] = [];
  readonly #indexOf = new Map<string, number>();
  readonly #memories: readonly AddressSpace[];
  readonly #tables: readonly AddressSpace[];
  readonly #firstIndex: number;
  readonly #limit: number;
  readonly #shiftMemory: (index: number) => number;

  /** `firstIndex`: how many functions the module has, with imported ones. `shiftMemory`: to the new indices. */
  constructor(
    memories: readonly AddressSpace[],
    tables: readonly AddressSpace[],
    shiftMemory: (index: number) => number,
    firstIndex: number,
    limit: number,
  ) {
    this.#memories = memories;
    this.#tables = tables;
    this.#shiftMemory = shiftMemory;
    this.#firstIndex = firstIndex;
    this.#limit = limit;
  }

  get count(): number {
    return this.#operations.length;
  }

  /** For the name section: the functions' indices and names, in order. */
  names(): { index: number; name: string }[] {
    return this.#operations.map(({ name }, position) => ({ index: this.#firstIndex + position, name }));
  }

  /**
   * The index of the function that stands for a bulk instruction of the 0xfc group (`opcode`), with the
   * immediates that it has in the original module, in their order.
   */
  functionFor(opcode: number, first: number, second: number, offset: number): number {
    const key = `${opcode} ${first} ${second}`;
    const known = this.#indexOf.get(key);
    if (known !== undefined) return known;
    if (this.#operations.length >= this.#limit) {
      throw tooCostly('too many different bulk operations', this.#operations.length + 1, this.#limit, offset);
    }
    const index = this.#firstIndex + this.#operations.length;
    this.#operations.push(this.#operation(opcode, first, second, offset));
    this.#indexOf.set(key, index);
    return index;
  }

  #operation(opcode: number, first: number, second: number, offset: number): ChunkedOperation {
    const space = (kind: 'memory' | 'table', index: number) => {
      const found = (kind === 'memory' ? this.#memories : this.#tables)[index];
      if (found === undefined) throw malformed(`there is no ${kind} ${index}`, offset);
      return found;
    };
    const memory = (name: string, target: number, rest: Partial<ChunkedOperation>, immediates: number[]) =>
      operation(name, space('memory', target), MEMORY_CHUNK, rest, [
        0xfc,
        opcode,
        ...immediates.flatMap(u32),
      ]);
    const table = (name: string, target: number, rest: Partial<ChunkedOperation>, immediates: number[]) =>
      operation(name, space('table', target), TABLE_CHUNK, rest, [0xfc, opcode, ...immediates.flatMap(u32)]);

    switch (opcode) {
      case 8:
        return memory('memory.init', second, { sourceWide: false, lengthWide: false }, [
          first,
          this.#shiftMemory(second),
        ]);
      case 10: {
        const sourceWide = space('memory', second).wide;
        const lengthWide = sourceWide && space('memory', first).wide;
        return memory('memory.copy', first, { sourceWide, lengthWide, mayOverlap: first === second }, [
          this.#shiftMemory(first),
          this.#shiftMemory(second),
        ]);
      }
      case 11:
        return memory('memory.fill', first, { sourceWide: undefined }, [this.#shiftMemory(first)]);
      case 12:
        return table('table.init', second, { sourceWide: false, lengthWide: false }, [first, second]);
      case 14: {
        const sourceWide = space('table', second).wide;
        const lengthWide = sourceWide && space('table', first).wide;
        return table('table.copy', first, { sourceWide, lengthWide, mayOverlap: first === second }, [
          first,
          second,
        ]);
      }
      default:
        return table('table.fill', first, { sourceWide: undefined }, [first]);
    }
  }

  /** The functions' types, for the end of the type section; one a function. */
  types(): Uint8Array {
    const writer = new Writer();
    for (const { types } of this.#operations) {
      writer.byte(0x60).u32(3);
      for (const type of types) writer.raw(type);
      writer.u32(0);
    }
    return writer.written();
  }

  /** The functions' bodies, each with its size, for the end of the code section. */
  bodies(check: Uint8Array): Uint8Array {
    const writer = new Writer();
    for (const operation of this.#operations) {
      const body = chunkedBody(operation, check);
      writer.u32(body.length).raw(body);
    }
    return writer.written();
  }
}

function operation(
  name: string,
  target: AddressSpace,
  chunk: number,
  rest: Partial<ChunkedOperation>,
  instruction: readonly number[],
): ChunkedOperation {
  const lengthWide = rest.lengthWide ?? target.wide;
  const number = (wide: boolean) => Uint8Array.of(wide ? I64 : I32);
  return {
    name,
    types: [
      number(target.wide),
      rest.sourceWide === undefined ? (target.element ?? number(false)) : number(rest.sourceWide),
      number(lengthWide),
    ],
    targetWide: target.wide,
    sourceWide: rest.sourceWide,
    lengthWide,
    mayOverlap: rest.mayOverlap ?? false,
    chunk,
    instruction,
  };
}

function u32(value: number): number[] {
  return [...new Writer(5).u32(value).written()];
}

const TARGET = 0;
const SOURCE = 1;
const LENGTH = 2;

/** Local declarations and code of one function: (target, source, length) → (). */
function chunkedBody(op: ChunkedOperation, check: Uint8Array): Uint8Array {
  const code = new Writer(256);
  const get = (local: number) => code.byte(0x20).byte(local);
  const set = (local: number) => code.byte(0x21).byte(local);
  const sourceMoves = op.sourceWide !== undefined;
  const isWide = (local: number) => (local === TARGET ? op.targetWide : op.sourceWide === true);
  const lengthConst = (value: number) => code.byte(op.lengthWide ? 0x42 : 0x41).signed(value);
  const compareLength = (narrow: number, wide: number) => code.byte(op.lengthWide ? wide : narrow);
  /** The length as a number of the operand's width; lengths are never wider than operands. */
  const extend = (local: number) => {
    if (isWide(local) && !op.lengthWide) code.byte(0xad); // i64.extend_i32_u
  };
  const add = (local: number) => code.byte(isWide(local) ? 0x7c : 0x6a);
  const addLength = (local: number) => {
    get(local);
    get(LENGTH);
    extend(local);
    add(local);
  };
  const instruction = () => code.raw(op.instruction);
  const whole = () => {
    get(TARGET);
    get(SOURCE);
    get(LENGTH);
    instruction();
  };

  code.u32(0).raw(check);
  // A short one: at once.
  get(LENGTH);
  lengthConst(op.chunk);
  compareLength(0x4d, 0x58).byte(0x04).byte(0x40); // le_u; if
  whole();
  code.byte(0x0f).byte(0x0b); // return; end
  // Past the end of all addresses: the instruction itself traps.
  for (const local of sourceMoves ? [TARGET, SOURCE] : [TARGET]) {
    addLength(local);
    get(local);
    code.byte(isWide(local) ? 0x54 : 0x49); // lt_u
    code.byte(0x04).byte(0x40);
    whole();
    code.byte(0x0f).byte(0x0b);
  }
  // Length zero at the far end traps exactly when the whole would.
  addLength(TARGET);
  if (sourceMoves) addLength(SOURCE);
  else get(SOURCE);
  lengthConst(0);
  instruction();

  const advance = (local: number) => {
    get(local);
    code.byte(isWide(local) ? 0x42 : 0x41).signed(op.chunk);
    add(local);
    set(local);
  };
  const shorten = () => {
    get(LENGTH);
    lengthConst(op.chunk);
    code.byte(op.lengthWide ? 0x7d : 0x6b); // sub
    set(LENGTH);
  };
  const againWhileLong = () => {
    get(LENGTH);
    lengthConst(op.chunk);
    compareLength(0x4b, 0x56).byte(0x0d).byte(0); // gt_u; br_if the loop
  };
  if (op.mayOverlap) {
    get(TARGET);
    get(SOURCE);
    code
      .byte(op.targetWide ? 0x56 : 0x4b)
      .byte(0x04)
      .byte(0x40); // gt_u; if
    code.byte(0x03).byte(0x40).raw(check);
    shorten();
    addLength(TARGET);
    addLength(SOURCE);
    lengthConst(op.chunk);
    instruction();
    againWhileLong();
    code.byte(0x0b);
    whole();
    code.byte(0x0f).byte(0x0b);
  }
  code.byte(0x03).byte(0x40).raw(check);
  get(TARGET);
  get(SOURCE);
  lengthConst(op.chunk);
  instruction();
  advance(TARGET);
  if (sourceMoves) advance(SOURCE);
  shorten();
  againWhileLong();
  code.byte(0x0b);
  whole();
  return code.byte(0x0b).written();
}
