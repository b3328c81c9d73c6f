/**
 * One function body in, the same with checks out: in every round of a loop (`checked-loops.ts`), and at the entry
 * of every function that calls (a call graph without loops or cycles already costs 2ⁿ). Memory indices shift by
 * one behind the control memory; bulk operations become calls of `bulk.ts`.
 *
 * One pass over the bytes. Stretches that stay as they are get copied; nothing is decoded into objects.
 * Only what the rewriting depends on is understood here: V8 validates the result.
 */
import type { BulkFunctions } from './bulk.ts';
import { CheckedLoops } from './checked-loops.ts';
import { malformed, refused, tooCostly } from './errors.ts';
import { gcImmediates, Shape, shapes, VectorShape, vectorShape } from './instructions.ts';
import type { ModuleLimits } from './limits.ts';
import { Reader } from './reader.ts';
import { type Features, readBlockType, readHeapType, readValueType } from './types.ts';
import { putU32, u32Length, Writer } from './writer.ts';

/** A bulk operation of a constant length up to this stays as it is: it is over in about 100 ns. */
const SMALL_LENGTH = 4096;
/** No instruction becomes more than so many times longer: `br`, two bytes, becomes twelve. */
const MOST_GROWTH = 6;

export interface CodeLayout {
  /** How many memories the module has. */
  readonly memories: number;
  /** How many of them stand in front of the control memory; those behind it move up by one. */
  readonly memoriesBefore: number;
  readonly check: Uint8Array;
  readonly bulk: BulkFunctions;
  readonly limits: ModuleLimits;
  readonly features: Features;
}

/** Rewrites bodies one after the other into one buffer. */
export class CodeRewriter {
  /** The bodies written so far, each with its size before it. */
  readonly output: Writer;
  readonly #layout: CodeLayout;
  readonly #loops: CheckedLoops;
  #totalLocalsTimesBranches = 0;

  constructor(layout: CodeLayout, capacity: number) {
    this.#layout = layout;
    this.#loops = new CheckedLoops(layout.limits.nesting);
    this.output = new Writer(capacity);
  }

  /**
   * Rewrite the body in `[start, end)` of `input`, which follows its size. `hints`: offsets in the body,
   * ascending, that are replaced by where the same instructions went.
   */
  body(input: Uint8Array, start: number, end: number, parameters: number, hints?: number[]): void {
    const { limits, features, check, bulk, memories } = this.#layout;
    const size = end - start;
    if (size > limits.functionBytes)
      throw tooCostly('a function of too many bytes', size, limits.functionBytes, start);
    this.output.reserve(size * MOST_GROWTH + 32);
    const out = this.output.bytes;
    const reader = new Reader(input, start, end);

    const locals = parameters + this.#readLocals(reader, parameters);
    const sizeAt = this.output.length;
    const bodyAt = sizeAt + u32Length(size);
    let o = copy(input, start, reader.pos, out, bodyAt);
    const checkAt = o;
    out.set(check, o);
    o += check.length;

    let i = reader.pos;
    /** Everything before it has been written. */
    let from = i;
    const loops = this.#loops;
    loops.begin();
    let branches = 0;
    let calls = false;
    /** Where the last `i32.const` of a small number ended. */
    let smallConstantEnd = -1;
    let hint = 0;
    let hintedAt = -1;
    let hintAt = hints === undefined || hints.length === 0 ? -1 : start + hints[0]!;

    while (i < end) {
      const at = i;
      if (at === hintAt) {
        hints![hint++] = o + (at - from) - bodyAt;
        hintedAt = at;
        hintAt = hint < hints!.length ? start + hints![hint]! : -1;
      }
      const opcode = input[i++]!;
      switch (shapes[opcode]) {
        case Shape.plain:
          break;
        case Shape.integer: {
          while (input[i++]! >= 0x80);
          if (opcode === 0x41 && i - at <= 3 && constantValue(input, at + 1) <= SMALL_LENGTH)
            smallConstantEnd = i;
          break;
        }
        case Shape.memory: {
          // Memory 0 never moves: it stands before the control memory, if there is one.
          if (input[i]! < 0x40 && memories > 0) i++;
          else {
            o = copy(input, from, i, out, o);
            reader.pos = i;
            o = this.#memoryArgument(reader, out, o);
            from = i = reader.pos;
          }
          while (input[i++]! >= 0x80);
          break;
        }
        case Shape.memoryIndex: {
          o = copy(input, from, i, out, o);
          reader.pos = i;
          o = putU32(out, o, this.#shift(reader.u32('a memory index'), at));
          from = i = reader.pos;
          break;
        }
        case Shape.loop:
        case Shape.if:
        case Shape.block: {
          const type = input[i]!;
          if (type === 0x40 || (type >= 0x7b && type < 0x80)) i++;
          else {
            reader.pos = i;
            readBlockType(reader, features);
            i = reader.pos;
          }
          if (loops.depth >= limits.nesting) {
            throw tooCostly('blocks nested too deep', loops.depth + 1, limits.nesting, at);
          }
          branches++;
          if (opcode === 0x03) loops.openLoop();
          else if (opcode === 0x04) loops.openIf();
          else loops.openBlock();
          break;
        }
        case Shape.end:
          loops.close();
          if (loops.depth === 0 && i !== end)
            throw malformed('there is code behind the end of a function', i);
          break;
        case Shape.stop:
          loops.stop();
          break;
        case Shape.throw:
          while (input[i++]! >= 0x80);
          loops.stop();
          break;
        case Shape.alternativeWithTag:
          while (input[i++]! >= 0x80);
          loops.alternative();
          branches++;
          break;
        case Shape.alternative:
          loops.alternative();
          branches++;
          break;
        case Shape.delegate:
          while (input[i++]! >= 0x80);
          branches++;
          loops.close();
          break;
        case Shape.branch:
        case Shape.branchTable:
        case Shape.tryTable:
        case Shape.prefixGc: {
          reader.pos = i;
          const labels = this.#labels(opcode, reader, at);
          branches += labels.length;
          if (labels.some((label) => loops.needsCheck(label))) {
            o = copy(input, from, at, out, o);
            from = at;
            out.set(check, o);
            o += check.length;
            if (hintedAt === at) hints![hint - 1]! += check.length;
            loops.check();
          }
          for (const label of labels) loops.branch(label);
          if (opcode === 0x0c || opcode === 0x0e) loops.stop();
          if (opcode === 0x1f) loops.openBlock();
          i = reader.pos;
          break;
        }
        case Shape.call:
          while (input[i++]! >= 0x80);
          calls = true;
          if (opcode !== 0x10 && opcode !== 0x14) loops.stop();
          break;
        case Shape.callIndirect:
          while (input[i++]! >= 0x80);
          while (input[i++]! >= 0x80);
          calls = true;
          if (opcode === 0x13) loops.stop();
          break;
        case Shape.twoIntegers:
          while (input[i++]! >= 0x80);
          while (input[i++]! >= 0x80);
          break;
        case Shape.fourBytes:
          i += 4;
          break;
        case Shape.eightBytes:
          i += 8;
          break;
        case Shape.prefixVector: {
          reader.pos = i;
          const vector = reader.u32('a vector instruction');
          const shape = vectorShape(vector);
          if (shape === VectorShape.memory || shape === VectorShape.memoryLane) {
            o = copy(input, from, reader.pos, out, o);
            o = this.#memoryArgument(reader, out, o);
            from = reader.pos;
            reader.skipInteger('a memory offset');
            if (shape === VectorShape.memoryLane) reader.byte('a lane');
          } else if (shape === VectorShape.lane) reader.byte('a lane');
          else if (shape === VectorShape.sixteenBytes) reader.skip(16, 'a vector constant');
          else if (shape === VectorShape.unknown) throw unknownInstruction(`0xfd ${vector}`, at);
          i = reader.pos;
          break;
        }
        case Shape.prefixBulk: {
          reader.pos = i;
          const operation = reader.u32('an instruction of the 0xfc group');
          if (operation > 17) throw unknownInstruction(`0xfc ${operation}`, at);
          if (operation >= 8) {
            const first = reader.u32('an index');
            const two = operation === 8 || operation === 10 || operation === 12 || operation === 14;
            const second = two ? reader.u32('an index') : 0;
            const short = smallConstantEnd === at;
            if (operation === 9 || operation === 13 || operation === 15 || operation === 16) {
              // data.drop, elem.drop, table.grow, table.size: as they are
            } else if (short && operation >= 12) {
              // a short table operation: as it is
            } else {
              o = copy(input, from, at, out, o);
              if (short) {
                out[o++] = 0xfc;
                out[o++] = operation;
                o = putU32(out, o, operation === 8 ? first : this.#shift(first, at));
                if (two) o = putU32(out, o, this.#shift(second, at));
              } else {
                out[o++] = 0x10;
                o = putU32(out, o, bulk.functionFor(operation, first, second, at));
                loops.check();
              }
              from = reader.pos;
            }
          }
          i = reader.pos;
          break;
        }
        case Shape.selectTyped:
          reader.pos = i;
          for (let count = reader.u32('a number of types'); count > 0; count--)
            readValueType(reader, features);
          i = reader.pos;
          break;
        case Shape.heapType:
          reader.pos = i;
          readHeapType(reader, features);
          i = reader.pos;
          break;
        case Shape.throwReference:
          if (!features.exnref) throw refused('exception references (the instruction throw_ref)', at);
          loops.stop();
          break;
        case Shape.gcPlain:
          if (!features.gc) throw refused('garbage-collected types (the instruction ref.eq)', at);
          break;
        case Shape.prefixAtomic: {
          // Harmless, as no memory that a guest reaches is shared: waiting traps.
          reader.pos = i;
          const operation = reader.u32('an atomic instruction');
          if (operation === 0x03) reader.byte('the flags of a fence');
          else if (operation < 0x03 || (operation >= 0x10 && operation <= 0x4e)) {
            o = copy(input, from, reader.pos, out, o);
            o = this.#memoryArgument(reader, out, o);
            from = reader.pos;
            reader.skipInteger('a memory offset');
          } else throw unknownInstruction(`0xfe ${operation}`, at);
          i = reader.pos;
          break;
        }
        default:
          throw unknownInstruction(`0x${opcode.toString(16)}`, at);
      }
    }
    if (i !== end) throw malformed('an instruction runs over the end of its function', end);
    if (loops.depth !== 0) throw malformed('a function ends inside a block', end);
    this.#charge(locals, branches, start);

    o = copy(input, from, end, out, o);
    if (!calls) {
      out.copyWithin(checkAt, checkAt + check.length, o);
      o -= check.length;
      for (let index = 0; index < hint; index++) hints![index]! -= check.length;
    }
    const newSize = o - bodyAt;
    const shift = u32Length(newSize) - (bodyAt - sizeAt);
    if (shift !== 0) out.copyWithin(bodyAt + shift, bodyAt, o);
    putU32(out, sizeAt, newSize);
    this.output.length = o + shift;
  }

  /** How many locals are declared; the reader ends behind their declarations. */
  #readLocals(reader: Reader, parameters: number): number {
    const { limits, features } = this.#layout;
    const offset = reader.pos;
    const groups = reader.u32('the number of groups of locals');
    let locals = 0;
    for (let group = 0; group < groups; group++) {
      locals += reader.u32('a number of locals');
      readValueType(reader, features);
      if (locals + parameters > limits.locals) {
        throw tooCostly('a function with too many locals', locals + parameters, limits.locals, offset);
      }
    }
    return locals;
  }

  #charge(locals: number, branches: number, offset: number): void {
    const { limits } = this.#layout;
    const product = locals * branches;
    if (product > limits.localsTimesBranches) {
      const what = `a function whose ${locals} locals × ${branches} branches take too long to compile`;
      throw tooCostly(what, product, limits.localsTimesBranches, offset);
    }
    this.#totalLocalsTimesBranches += product;
    if (this.#totalLocalsTimesBranches > limits.totalLocalsTimesBranches) {
      const what = 'functions whose locals × branches together take too long to compile';
      throw tooCostly(what, this.#totalLocalsTimesBranches, limits.totalLocalsTimesBranches, offset);
    }
  }

  /** Where a memory goes. An index without a memory must not come to mean the control memory. */
  #shift(memory: number, at: number): number {
    if (memory >= this.#layout.memories) throw malformed(`there is no memory ${memory}`, at);
    return memory >= this.#layout.memoriesBefore ? memory + 1 : memory;
  }

  /** Alignment and memory index, from the reader to `out`; the offset that follows stays to be copied. */
  #memoryArgument(reader: Reader, out: Uint8Array, to: number): number {
    const at = reader.pos;
    const flags = reader.u32('the flags of a memory argument');
    const memory = this.#shift((flags & 0x40) === 0 ? 0 : reader.u32('a memory index'), at);
    if (memory === 0) return putU32(out, to, flags & ~0x40);
    return putU32(out, putU32(out, to, flags | 0x40), memory);
  }

  /** The labels that an instruction may branch to; the reader ends behind it. */
  #labels(opcode: number, reader: Reader, at: number): number[] {
    const { features, limits } = this.#layout;
    const label = () => {
      const value = reader.u32('a label');
      if (value >= this.#loops.depth) throw malformed(`there is no label ${value}`, at);
      return value;
    };
    if (opcode === 0x0e) {
      const count = reader.u32('the number of labels');
      if (count > limits.branchTableLabels) {
        throw tooCostly('a br_table with too many labels', count, limits.branchTableLabels, at);
      }
      return Array.from({ length: count + 1 }, label);
    }
    if (opcode === 0x1f) {
      readBlockType(reader, features);
      const count = reader.u32('the number of catches');
      if (count > limits.branchTableLabels) {
        throw tooCostly('a try_table with too many catches', count, limits.branchTableLabels, at);
      }
      if (this.#loops.depth >= limits.nesting) {
        throw tooCostly('blocks nested too deep', this.#loops.depth + 1, limits.nesting, at);
      }
      return Array.from({ length: count }, () => {
        const offset = reader.pos;
        const kind = reader.byte('the kind of a catch');
        if (kind > 3) throw malformed(`unknown kind of catch ${kind}`, offset);
        if ((kind & 1) === 1 && !features.exnref) {
          const clause = kind === 1 ? 'catch_ref' : 'catch_all_ref';
          throw refused(`exception references (the catch clause ${clause})`, offset);
        }
        if (kind < 2) reader.skipInteger('a tag');
        return label();
      });
    }
    if (opcode !== 0xfb) return [label()];
    const operation = reader.u32('an instruction of the 0xfb group');
    const immediates = gcImmediates(operation);
    if (immediates === 255) throw unknownInstruction(`0xfb ${operation}`, at);
    if (!features.gc) throw refused(`garbage-collected types (the instruction 0xfb ${operation})`, at);
    const castBranch = operation === 24 || operation === 25;
    if (castBranch) reader.byte('the flags of a cast');
    const labels = castBranch ? [label()] : [];
    for (let index = labels.length; index < immediates; index++) reader.skipInteger('an immediate');
    return labels;
  }
}

function unknownInstruction(name: string, offset: number): Error {
  return malformed(`unknown instruction ${name}`, offset);
}

/** The value of an `i32.const` of at most two bytes; negative numbers count as large. */
function constantValue(input: Uint8Array, at: number): number {
  const low = input[at]!;
  if (low < 0x80) return low < 0x40 ? low : Number.POSITIVE_INFINITY;
  const high = input[at + 1]!;
  return high < 0x40 ? (low & 0x7f) | (high << 7) : Number.POSITIVE_INFINITY;
}

/** Copy `[from, to)` of `input` to `at`; returns the offset behind. Most stretches are a few bytes. */
function copy(input: Uint8Array, from: number, to: number, out: Uint8Array, at: number): number {
  if (to - from > 48) {
    out.set(input.subarray(from, to), at);
    return at + to - from;
  }
  let o = at;
  for (let i = from; i < to; i++) out[o++] = input[i]!;
  return o;
}
