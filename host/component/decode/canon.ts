/** The canonical definitions: lift, lower and the built-ins. */
import { UnsupportedError } from '../errors.ts';
import { readCoreValueType } from './core-types.ts';
import { hex, type Reader } from './reader.ts';
import type { CanonOptions, CanonSyntax, CoreFunctionType, CoreValueType, StringEncoding } from './syntax.ts';
import { readResultList } from './types.ts';

const encodings: readonly StringEncoding[] = ['utf8', 'utf16', 'latin1+utf16'];

function readOptions(reader: Reader): CanonOptions {
  const seen = new Map<string, number>();
  let stringEncoding: StringEncoding = 'utf8';
  let async = false;
  reader.vector('canonical options', () => {
    const start = reader.offset;
    const code = reader.byte('a canonical option');
    const once = (name: string, value: number) => {
      if (seen.has(name)) reader.fail(`canonical option \`${name}\` is specified more than once`, start);
      seen.set(name, value);
    };
    if (code <= 2) {
      if (seen.has('string-encoding'))
        reader.fail('canonical encoding option conflicts with an earlier one', start);
      once('string-encoding', code);
      stringEncoding = encodings[code]!;
    } else if (code === 3) once('memory', reader.u32('a memory index'));
    else if (code === 4) once('realloc', reader.u32('a function index'));
    else if (code === 5) once('post-return', reader.u32('a function index'));
    else if (code === 6) {
      once('async', 1);
      async = true;
    } else if (code === 7) once('callback', reader.u32('a function index'));
    else if (code === 8 || code === 9)
      throw new UnsupportedError('GC types', `a canonical option at byte ${start}`);
    else reader.fail(`invalid canonical option 0x${hex(code)}`, start);
  });
  return {
    stringEncoding,
    memory: seen.get('memory'),
    realloc: seen.get('realloc'),
    postReturn: seen.get('post-return'),
    async,
    callback: seen.get('callback'),
  };
}

const i32 = 'i32' as const;

function signature(params: CoreValueType[], results: CoreValueType[] = []): CoreFunctionType {
  return { kind: 'func', params, results };
}

/** Built-ins of streams and futures, by opcode less the opcode of `new`: name, signature, what follows the type. */
const channelBuiltins: readonly [string, CoreFunctionType, 'nothing' | 'options' | 'async'][] = [
  ['new', signature([], ['i64']), 'nothing'],
  ['read', signature([i32, i32, i32], [i32]), 'options'],
  ['write', signature([i32, i32, i32], [i32]), 'options'],
  ['cancel-read', signature([i32], [i32]), 'async'],
  ['cancel-write', signature([i32], [i32]), 'async'],
  ['drop-readable', signature([i32]), 'nothing'],
  ['drop-writable', signature([i32]), 'nothing'],
];

function readChannelBuiltin(reader: Reader, code: number): CanonSyntax {
  const feature = code < 0x15 ? 'streams' : 'futures';
  const index = code < 0x15 ? code - 0x0e : code - 0x15;
  const [name, shape, rest] = channelBuiltins[index]!;
  const type = reader.u32('a type index');
  let options: CanonOptions | undefined;
  if (rest === 'options') options = readOptions(reader);
  if (rest === 'async') readFlag(reader, 'async');
  const isFuture = feature === 'futures';
  const futureShape = rest === 'options' && isFuture ? signature([i32, i32], [i32]) : shape;
  return {
    canon: 'unsupported',
    feature,
    name: `${isFuture ? 'future' : 'stream'}.${name}`,
    type,
    signature: futureShape,
    options,
  };
}

function readFlag(reader: Reader, what: string): boolean {
  const start = reader.offset;
  const flag = reader.byte(what);
  if (flag > 1) reader.fail(`invalid leading byte 0x${hex(flag)} for ${what}`, start);
  return flag === 1;
}

function thread(name: string, params: CoreValueType[], results: CoreValueType[] = [i32]): CanonSyntax {
  return {
    canon: 'unsupported',
    feature: 'threads',
    name: `thread.${name}`,
    type: undefined,
    signature: signature(params, results),
    options: undefined,
  };
}

export function readCanon(reader: Reader): CanonSyntax {
  const start = reader.offset;
  const code = reader.byte('a canonical definition');
  if (code >= 0x0e && code <= 0x1b) return readChannelBuiltin(reader, code);
  switch (code) {
    case 0x00: {
      reader.expect(0x00, 'the function sort');
      const coreFunc = reader.u32('a core function index');
      const options = readOptions(reader);
      return { canon: 'lift', coreFunc, options, type: reader.u32('a type index') };
    }
    case 0x01: {
      reader.expect(0x00, 'the function sort');
      const func = reader.u32('a function index');
      return { canon: 'lower', func, options: readOptions(reader) };
    }
    case 0x02:
      return { canon: 'resource.new', type: reader.u32('a type index') };
    case 0x03:
      return { canon: 'resource.drop', type: reader.u32('a type index') };
    case 0x04:
      return { canon: 'resource.rep', type: reader.u32('a type index') };
    case 0x05:
      return { canon: 'task.cancel' };
    case 0x06:
      return { canon: 'subtask.cancel', async: readFlag(reader, 'async') };
    case 0x09: {
      const result = readResultList(reader);
      return { canon: 'task.return', result, options: readOptions(reader) };
    }
    case 0x0a:
    case 0x0b: {
      const type = readCoreValueType(reader);
      return {
        canon: code === 0x0a ? 'context.get' : 'context.set',
        type,
        slot: reader.u32('a context slot'),
      };
    }
    case 0x0c:
      return { canon: 'thread.yield', cancellable: readFlag(reader, 'cancellable') };
    case 0x0d:
      return { canon: 'subtask.drop' };
    case 0x1c:
      return { canon: 'error-context.new', options: readOptions(reader) };
    case 0x1d:
      return { canon: 'error-context.debug-message', options: readOptions(reader) };
    case 0x1e:
      return { canon: 'error-context.drop' };
    case 0x1f:
      return { canon: 'waitable-set.new' };
    case 0x20:
    case 0x21: {
      const cancellable = readFlag(reader, 'cancellable');
      const memory = reader.u32('a memory index');
      return { canon: code === 0x20 ? 'waitable-set.wait' : 'waitable-set.poll', cancellable, memory };
    }
    case 0x22:
      return { canon: 'waitable-set.drop' };
    case 0x23:
      return { canon: 'waitable.join' };
    case 0x24:
      return { canon: 'backpressure.inc' };
    case 0x25:
      return { canon: 'backpressure.dec' };
    case 0x26:
      return { canon: 'thread.index' };
    case 0x27:
      reader.u32('a core type index');
      reader.u32('a table index');
      return thread('new-indirect', [i32, i32]);
    case 0x28:
      return { canon: 'thread.resume-later' };
    case 0x29:
      readFlag(reader, 'cancellable');
      return thread('suspend', []);
    case 0x2a:
    case 0x2b:
    case 0x2c:
    case 0x2d: {
      readFlag(reader, 'cancellable');
      const names = [
        'suspend-then-resume',
        'yield-then-resume',
        'suspend-then-promote',
        'yield-then-promote',
      ];
      return thread(names[code - 0x2a]!, [i32]);
    }
    case 0x40:
      readFlag(reader, 'shared');
      reader.u32('a core type index');
      return thread('spawn-ref', ['ref null func', i32]);
    case 0x41:
      readFlag(reader, 'shared');
      reader.u32('a core type index');
      reader.u32('a table index');
      return thread('spawn-indirect', [i32, i32]);
    case 0x42:
      readFlag(reader, 'shared');
      return thread('available-parallelism', []);
    default:
      return reader.fail(`invalid leading byte 0x${hex(code)} for a canonical function`, start);
  }
}
