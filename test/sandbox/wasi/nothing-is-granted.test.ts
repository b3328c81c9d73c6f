/** A component with all of WASI in reach, of a toolchain that is not ours, and no grant: it loads, works, and reaches nothing. */
import { readdir } from 'node:fs/promises';
import { describe, expect, test, vi } from 'vitest';
import { caught } from '../../extension/supervised.ts';
import { scriptGuest, startScriptGuest } from './script-guest.ts';

/** Making the guest takes seconds the first time. */
const SLOW = 60_000;

test('the guest can be made', { timeout: SLOW }, async () => {
  expect((await scriptGuest()).length).toBeGreaterThan(100_000);
});

describe('answers', { timeout: SLOW }, () => {
  test.each([
    ['no variables', 'return wasi.environment.getEnvironment()', []],
    ['no arguments', 'return wasi.environment.getArguments()', []],
    ['no working directory', 'return wasi.environment.initialCwd() == null', true],
    ['no folders', 'return wasi.preopens.getDirectories()', []],
    ['no terminal', 'return wasi.terminal.getTerminalStdout() == null', true],
    ['an input at its end', 'return wasi.stdin.getStdin().read(5)', { err: { tag: 'closed' } }],
    ['no socket', 'return wasi.tcp.createTcpSocket("ipv4")', { err: 'access-denied' }],
    [
      'no names',
      'return wasi.lookup.resolveAddresses(wasi.network.instanceNetwork(), "localhost")',
      { err: 'access-denied' },
    ],
    ['a clock', 'return wasi.monotonic.now() > 0 && wasi.wall.now().seconds > 1700000000', true],
    ['insecure bytes', 'return wasi.insecure.getInsecureRandomBytes(8).length', 8],
  ])('%s', async (_, source, answer) => {
    const guest = await startScriptGuest();
    expect(guest.run(source)).toEqual(answer);
    expect(guest.status().faults).toBe(0);
  });
});

describe('faults', { timeout: SLOW }, () => {
  test.each([
    ['random bytes', 'wasi.random.getRandomBytes(8)', /not granted; add `grants: { random: true }`/],
    ['exit', 'wasi.exit.exit({ tag: "ok" })', /the guest called exit/],
    ['polling nothing', 'wasi.poll.poll([])', /poll was called with no pollable/],
    ['too much randomness', 'wasi.insecure.getInsecureRandomBytes(1048577)', /gives at most 1048576/],
    ['waiting in a plain func', 'wasi.monotonic.subscribeDuration(1e9).block()', /blocked.*`async func`/],
    [
      'polling in a plain func',
      'wasi.poll.poll([wasi.monotonic.subscribeDuration(1e9)])',
      /blocked.*`async func`/,
    ],
    [
      'writing more than a stream takes',
      'wasi.stdout.getStdout().write(new Uint8Array(65537))',
      /65537 bytes were written to a stream that had said to take 65536/,
    ],
  ])('%s', async (_, source, message) => {
    const guest = await startScriptGuest();
    expect(String(caught(() => guest.run(source)))).toMatch(message);
    expect(guest.status()).toMatchObject({ faults: 1 });
  });
});

describe('waiting', { timeout: SLOW }, () => {
  const poll = (ms: string) => `
    const due = [${ms}].map((ms) => wasi.monotonic.subscribeDuration(ms * 1e6));
    return [...wasi.poll.poll(due)];`;

  test('what is ready is answered at once, in a plain func too', async () => {
    const guest = await startScriptGuest();
    expect(guest.run(poll('0, 3600000, 0'))).toEqual([0, 2]);
    expect(guest.run('return wasi.stdin.getStdin().subscribe().ready()')).toBe(true);
    expect(guest.run('wasi.stdin.getStdin().subscribe().block(); return 1')).toBe(1);
  });

  test('an async func is suspended until the first is ready', async () => {
    const guest = await startScriptGuest();
    expect(await guest.later(poll('3600000, 20, 3600000'))).toEqual([1]);
  });

  test('the thread goes on meanwhile: a wait for ever ends with the instance', async () => {
    const guest = await startScriptGuest();
    const call = guest.later('wasi.monotonic.subscribeInstant(2 ** 62).block()');
    const ended = expect(call).rejects.toMatchObject({ code: 'WEIR_CAPABILITY_UNAVAILABLE' });
    guest.stop();
    await ended;
  });
});

describe('what a guest prints', { timeout: SLOW }, () => {
  const print = (name: string, text: string) =>
    `wasi.${name}.get${name === 'stdout' ? 'Stdout' : 'Stderr'}().blockingWriteAndFlush(
      Uint8Array.from(${JSON.stringify(text)}, (c) => c.charCodeAt(0)));`;

  test('goes to the log, a line at a time, without control characters', async () => {
    const guest = await startScriptGuest();
    guest.run(print('stdout', 'one\ntw') + print('stderr', 'bad\x1b[31m\n') + print('stdout', 'o\n\nrest'));
    expect(guest.printed).toEqual(['stdout: one', 'stderr: bad\\x1b[31m', 'stdout: two']);
    guest.stop();
    expect(guest.printed.at(-1)).toBe('stdout: rest');
  });

  test('without an end goes on in another line', async () => {
    const guest = await startScriptGuest();
    guest.run(print('stdout', 'x'.repeat(20_000)));
    expect(guest.printed.map((line) => line.length - 'stdout: '.length)).toEqual([8192, 8192]);
  });

  test('goes to the process where that is granted', async () => {
    const guest = await startScriptGuest({ stdout: true });
    const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    try {
      guest.run(print('stdout', 'as it is\x1b'));
      expect(written.mock.calls.map(([bytes]) => Buffer.from(bytes).toString())).toEqual(['as it is\x1b']);
    } finally {
      written.mockRestore();
    }
    expect(guest.printed).toEqual([]);
  });
});

describe('grants', { timeout: SLOW }, () => {
  test('random', async () => {
    const guest = await startScriptGuest({ random: true });
    expect(guest.run('return wasi.random.getRandomBytes(33).length')).toBe(33);
  });

  test('env shows the variables that are named, and that exist', async () => {
    vi.stubEnv('WEIR_TEST_SHOWN', 'yes');
    vi.stubEnv('WEIR_TEST_HIDDEN', 'no');
    const guest = await startScriptGuest({ env: ['WEIR_TEST_SHOWN', 'WEIR_TEST_ABSENT', '__proto__'] });
    expect(guest.run('return wasi.environment.getEnvironment()')).toEqual([['WEIR_TEST_SHOWN', 'yes']]);
    vi.unstubAllEnvs();
  });

  test.skipIf(process.platform !== 'linux')('files are closed when the instance is discarded', async () => {
    const open = async () => (await readdir('/proc/self/fd')).length;
    const guest = await startScriptGuest({
      fs: [{ path: import.meta.dirname, name: 'here', mode: 'read' }],
    });
    guest.run('return 1');
    const before = await open();
    guest.run(`globalThis.kept = [];
      for (let i = 0; i < 20; i++) {
        const [[folder]] = wasi.preopens.getDirectories();
        const file = folder.openAt({}, 'script-guest.ts', {}, { read: true });
        kept.push(folder, file, folder.readDirectory(), file.readViaStream(0));
      }`);
    expect(await open()).toBe(before + 60);
    guest.stop();
    expect(await open()).toBe(before);
  });

  test.skipIf(process.platform !== 'linux')('no instance holds more than 256 files open', async () => {
    const guest = await startScriptGuest({
      fs: [{ path: import.meta.dirname, name: 'here', mode: 'read' }],
    });
    const source = `globalThis.kept = [...wasi.preopens.getDirectories()];
      for (;;) kept.push(kept[0][0].openAt({}, 'script-guest.ts', {}, { read: true }));`;
    expect(guest.run(source)).toEqual({ err: 'quota' });
    guest.stop();
  });
});
