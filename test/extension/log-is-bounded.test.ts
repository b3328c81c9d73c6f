/** A guest's log lines are bounded in number and size, and cannot pass for the host's. */

import { pino } from 'pino';
import { expect, test } from 'vitest';
import { guestText } from '../../host/extension/guest-text.ts';
import { LogService } from '../../host/extension/services/log.ts';
import { ManualClock } from '../manual-clock.ts';
import { type LogLine, supervise } from './supervised.ts';

function service(linesPerSecond: number) {
  const lines: LogLine[] = [];
  const clock = new ManualClock();
  const log = pino({ level: 'trace', base: null }, { write: (line: string) => lines.push(JSON.parse(line)) });
  return { log: new LogService(log, clock, linesPerSecond), clock, lines };
}

test('a line has its level, its fields apart, and no control characters', async () => {
  const { instance, probe, lines } = await supervise();
  instance.start();
  probe.say(1);
  expect(lines).toEqual([
    {
      level: 40,
      time: expect.any(Number),
      extension: 'probe',
      msg: 'hello\\x1b[31m\\nworld',
      fields: { key: 'value' },
    },
  ]);
});

test('lines over the limit are left out, counted, and told of', async () => {
  const limits = { timers: 1, memoryBytes: 2 ** 20, logLinesPerSecond: 5 };
  const { instance, probe, clock, lines } = await supervise({ limits });
  instance.start();
  probe.say(12);
  expect(lines).toHaveLength(5);
  expect(instance.status().instances[0]!.logLinesLeftOut).toBe(7);
  await clock.advance(1000);
  probe.say(1);
  expect(lines.slice(5)).toMatchObject([
    { leftOut: 7, level: 40 },
    { msg: expect.stringContaining('hello') },
  ]);
});

test('a restart does not renew the budget', async () => {
  const limits = { timers: 1, memoryBytes: 2 ** 20, logLinesPerSecond: 5 };
  const { instance, probe, clock, lines } = await supervise({ limits });
  instance.start();
  probe.say(5);
  expect(() => probe.fault(0)).toThrow();
  await clock.advance(1);
  probe.say(5);
  expect(lines.filter((line) => line.msg.startsWith('hello'))).toHaveLength(5);
});

test('long messages and values are cut, many fields left out', () => {
  const { log, lines } = service(10);
  const fields = Array.from({ length: 1000 }, (_, i): [string, string] => [`k${i}`, 'v'.repeat(100_000)]);
  log.imports.write('info', 'm'.repeat(1_000_000), fields);
  expect(JSON.stringify(lines[0]).length).toBeLessThan(700_000);
  expect(lines[0]!.msg).toMatch(/… \(1000000 characters\)$/);
  expect(Object.keys(lines[0]!.fields!)).toHaveLength(64);
});

test.each([
  ['\x1b[2J', '\\x1b[2J'],
  ['a\r\nb', 'a\\x0d\\nb'],
  ['\u202eevil', '\\u202eevil'],
  ['\u2028', '\\u2028'],
  ['tab\tumlaut ü 漢字 😀', 'tab umlaut ü 漢字 😀'],
])('what would disturb a terminal is escaped: %j', (text, shown) => {
  expect(guestText(text)).toBe(shown);
});

test('a field cannot replace what the host writes, nor touch a prototype', () => {
  const { log, lines } = service(10);
  log.imports.write('info', 'real', [
    ['msg', 'forged'],
    ['extension', 'another'],
    ['__proto__', 'polluted'],
  ]);
  expect(lines[0]!.msg).toBe('real');
  expect(lines[0]!.extension).toBeUndefined();
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});
