import { expect, test } from 'vitest';
import { nearest, suggest } from '../host/suggestion.ts';

const names = ['receiver:otlp', 'exporter:otlp_http', 'exporter:file', 'processor:wasm'];

test.each([
  ['receiver:otpl', 'receiver:otlp'],
  ['exporter:otlp-http', 'exporter:otlp_http'],
  ['Exporter:File', 'exporter:file'],
  ['processor:wsam', 'processor:wasm'],
  ['something else', undefined],
  ['', undefined],
])('%j was probably meant as %j', (word, meant) => {
  expect(nearest(word, names)).toBe(meant);
});

test('a short name must be nearly right', () => {
  expect(nearest('in', ['out', 'on', 'red'])).toBe('on');
  expect(nearest('in', ['out', 'red'])).toBeUndefined();
});

test('when nothing is close, everything is listed', () => {
  expect(suggest('xyz', ['b', 'a'], 'known')).toBe('known: a, b');
  expect(suggest('xyz', [], 'known')).toBe('known: none');
});
