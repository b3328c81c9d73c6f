/**
 * The interfaces of WASI 0.2 that Weir implements itself, as `signature` of host/component writes their
 * functions, by name without version: 0.2.0 and what followed it have the same types. A test holds the
 * table against the WIT of WASI. Sockets and HTTP are linked too, by `denied.ts`, which needs no table.
 */
import type { OfferedInterface } from '../imports.ts';

const streamError = 'variant { last-operation-failed(error), closed }';
const datetime = 'record { seconds: u64, nanoseconds: u32 }';
const newTimestamp = `variant { no-change, now, timestamp(${datetime}) }`;
const descriptorType =
  'enum { unknown, block-device, character-device, directory, fifo, symbolic-link, regular-file, socket }';
const descriptorFlags =
  'flags { read, write, file-integrity-sync, data-integrity-sync, requested-write-sync, mutate-directory }';
const descriptorStat = `record { type: ${descriptorType}, link-count: u64, size: u64, data-access-timestamp: option<${datetime}>, data-modification-timestamp: option<${datetime}>, status-change-timestamp: option<${datetime}> }`;

/** The codes of `wasi:filesystem`, in the order of its enum. */
export const errorCodes = [
  'access',
  'would-block',
  'already',
  'bad-descriptor',
  'busy',
  'deadlock',
  'quota',
  'exist',
  'file-too-large',
  'illegal-byte-sequence',
  'in-progress',
  'interrupted',
  'invalid',
  'io',
  'is-directory',
  'loop',
  'too-many-links',
  'message-size',
  'name-too-long',
  'no-device',
  'no-entry',
  'no-lock',
  'insufficient-memory',
  'insufficient-space',
  'not-directory',
  'not-empty',
  'not-recoverable',
  'unsupported',
  'no-tty',
  'no-such-device',
  'overflow',
  'not-permitted',
  'pipe',
  'read-only',
  'invalid-seek',
  'text-file-busy',
  'cross-device',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

const errorCode = `enum { ${errorCodes.join(', ')} }`;

export const wasiInterfaces: Readonly<Record<string, OfferedInterface>> = {
  'wasi:io/error': {
    '[method]error.to-debug-string': 'func(self: borrow<error>) -> string',
  },
  'wasi:io/poll': {
    '[method]pollable.ready': 'func(self: borrow<pollable>) -> bool',
    '[method]pollable.block': 'func(self: borrow<pollable>)',
    poll: 'func(in: list<borrow<pollable>>) -> list<u32>',
  },
  'wasi:io/streams': {
    '[method]input-stream.read': `func(self: borrow<input-stream>, len: u64) -> result<list<u8>, ${streamError}>`,
    '[method]input-stream.blocking-read': `func(self: borrow<input-stream>, len: u64) -> result<list<u8>, ${streamError}>`,
    '[method]input-stream.skip': `func(self: borrow<input-stream>, len: u64) -> result<u64, ${streamError}>`,
    '[method]input-stream.blocking-skip': `func(self: borrow<input-stream>, len: u64) -> result<u64, ${streamError}>`,
    '[method]input-stream.subscribe': 'func(self: borrow<input-stream>) -> pollable',
    '[method]output-stream.check-write': `func(self: borrow<output-stream>) -> result<u64, ${streamError}>`,
    '[method]output-stream.write': `func(self: borrow<output-stream>, contents: list<u8>) -> result<_, ${streamError}>`,
    '[method]output-stream.blocking-write-and-flush': `func(self: borrow<output-stream>, contents: list<u8>) -> result<_, ${streamError}>`,
    '[method]output-stream.flush': `func(self: borrow<output-stream>) -> result<_, ${streamError}>`,
    '[method]output-stream.blocking-flush': `func(self: borrow<output-stream>) -> result<_, ${streamError}>`,
    '[method]output-stream.subscribe': 'func(self: borrow<output-stream>) -> pollable',
    '[method]output-stream.write-zeroes': `func(self: borrow<output-stream>, len: u64) -> result<_, ${streamError}>`,
    '[method]output-stream.blocking-write-zeroes-and-flush': `func(self: borrow<output-stream>, len: u64) -> result<_, ${streamError}>`,
    '[method]output-stream.splice': `func(self: borrow<output-stream>, src: borrow<input-stream>, len: u64) -> result<u64, ${streamError}>`,
    '[method]output-stream.blocking-splice': `func(self: borrow<output-stream>, src: borrow<input-stream>, len: u64) -> result<u64, ${streamError}>`,
  },
  'wasi:clocks/monotonic-clock': {
    now: 'func() -> u64',
    resolution: 'func() -> u64',
    'subscribe-instant': 'func(when: u64) -> pollable',
    'subscribe-duration': 'func(when: u64) -> pollable',
  },
  'wasi:clocks/wall-clock': {
    now: `func() -> ${datetime}`,
    resolution: `func() -> ${datetime}`,
  },
  'wasi:cli/environment': {
    'get-environment': 'func() -> list<tuple<string, string>>',
    'get-arguments': 'func() -> list<string>',
    'initial-cwd': 'func() -> option<string>',
  },
  'wasi:cli/exit': {
    exit: 'func(status: result)',
    'exit-with-code': 'func(status-code: u8)',
  },
  'wasi:cli/stdin': {
    'get-stdin': 'func() -> input-stream',
  },
  'wasi:cli/stdout': {
    'get-stdout': 'func() -> output-stream',
  },
  'wasi:cli/stderr': {
    'get-stderr': 'func() -> output-stream',
  },
  'wasi:cli/terminal-input': {},
  'wasi:cli/terminal-output': {},
  'wasi:cli/terminal-stdin': {
    'get-terminal-stdin': 'func() -> option<terminal-input>',
  },
  'wasi:cli/terminal-stdout': {
    'get-terminal-stdout': 'func() -> option<terminal-output>',
  },
  'wasi:cli/terminal-stderr': {
    'get-terminal-stderr': 'func() -> option<terminal-output>',
  },
  'wasi:random/insecure-seed': {
    'insecure-seed': 'func() -> tuple<u64, u64>',
  },
  'wasi:random/insecure': {
    'get-insecure-random-bytes': 'func(len: u64) -> list<u8>',
    'get-insecure-random-u64': 'func() -> u64',
  },
  'wasi:random/random': {
    'get-random-bytes': 'func(len: u64) -> list<u8>',
    'get-random-u64': 'func() -> u64',
  },
  'wasi:filesystem/types': {
    '[method]descriptor.read-via-stream': `func(self: borrow<descriptor>, offset: u64) -> result<input-stream, ${errorCode}>`,
    '[method]descriptor.write-via-stream': `func(self: borrow<descriptor>, offset: u64) -> result<output-stream, ${errorCode}>`,
    '[method]descriptor.append-via-stream': `func(self: borrow<descriptor>) -> result<output-stream, ${errorCode}>`,
    '[method]descriptor.advise': `func(self: borrow<descriptor>, offset: u64, length: u64, advice: enum { normal, sequential, random, will-need, dont-need, no-reuse }) -> result<_, ${errorCode}>`,
    '[method]descriptor.sync-data': `func(self: borrow<descriptor>) -> result<_, ${errorCode}>`,
    '[method]descriptor.get-flags': `func(self: borrow<descriptor>) -> result<${descriptorFlags}, ${errorCode}>`,
    '[method]descriptor.get-type': `func(self: borrow<descriptor>) -> result<${descriptorType}, ${errorCode}>`,
    '[method]descriptor.set-size': `func(self: borrow<descriptor>, size: u64) -> result<_, ${errorCode}>`,
    '[method]descriptor.set-times': `func(self: borrow<descriptor>, data-access-timestamp: ${newTimestamp}, data-modification-timestamp: ${newTimestamp}) -> result<_, ${errorCode}>`,
    '[method]descriptor.read': `func(self: borrow<descriptor>, length: u64, offset: u64) -> result<tuple<list<u8>, bool>, ${errorCode}>`,
    '[method]descriptor.write': `func(self: borrow<descriptor>, buffer: list<u8>, offset: u64) -> result<u64, ${errorCode}>`,
    '[method]descriptor.read-directory': `func(self: borrow<descriptor>) -> result<directory-entry-stream, ${errorCode}>`,
    '[method]descriptor.sync': `func(self: borrow<descriptor>) -> result<_, ${errorCode}>`,
    '[method]descriptor.create-directory-at': `func(self: borrow<descriptor>, path: string) -> result<_, ${errorCode}>`,
    '[method]descriptor.stat': `func(self: borrow<descriptor>) -> result<${descriptorStat}, ${errorCode}>`,
    '[method]descriptor.stat-at': `func(self: borrow<descriptor>, path-flags: flags { symlink-follow }, path: string) -> result<${descriptorStat}, ${errorCode}>`,
    '[method]descriptor.set-times-at': `func(self: borrow<descriptor>, path-flags: flags { symlink-follow }, path: string, data-access-timestamp: ${newTimestamp}, data-modification-timestamp: ${newTimestamp}) -> result<_, ${errorCode}>`,
    '[method]descriptor.link-at': `func(self: borrow<descriptor>, old-path-flags: flags { symlink-follow }, old-path: string, new-descriptor: borrow<descriptor>, new-path: string) -> result<_, ${errorCode}>`,
    '[method]descriptor.open-at': `func(self: borrow<descriptor>, path-flags: flags { symlink-follow }, path: string, open-flags: flags { create, directory, exclusive, truncate }, flags: ${descriptorFlags}) -> result<descriptor, ${errorCode}>`,
    '[method]descriptor.readlink-at': `func(self: borrow<descriptor>, path: string) -> result<string, ${errorCode}>`,
    '[method]descriptor.remove-directory-at': `func(self: borrow<descriptor>, path: string) -> result<_, ${errorCode}>`,
    '[method]descriptor.rename-at': `func(self: borrow<descriptor>, old-path: string, new-descriptor: borrow<descriptor>, new-path: string) -> result<_, ${errorCode}>`,
    '[method]descriptor.symlink-at': `func(self: borrow<descriptor>, old-path: string, new-path: string) -> result<_, ${errorCode}>`,
    '[method]descriptor.unlink-file-at': `func(self: borrow<descriptor>, path: string) -> result<_, ${errorCode}>`,
    '[method]descriptor.is-same-object': 'func(self: borrow<descriptor>, other: borrow<descriptor>) -> bool',
    '[method]descriptor.metadata-hash': `func(self: borrow<descriptor>) -> result<record { lower: u64, upper: u64 }, ${errorCode}>`,
    '[method]descriptor.metadata-hash-at': `func(self: borrow<descriptor>, path-flags: flags { symlink-follow }, path: string) -> result<record { lower: u64, upper: u64 }, ${errorCode}>`,
    '[method]directory-entry-stream.read-directory-entry': `func(self: borrow<directory-entry-stream>) -> result<option<record { type: ${descriptorType}, name: string }>, ${errorCode}>`,
    'filesystem-error-code': `func(err: borrow<error>) -> option<${errorCode}>`,
  },
  'wasi:filesystem/preopens': {
    'get-directories': 'func() -> list<tuple<descriptor, string>>',
  },
};
