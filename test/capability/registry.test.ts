/** Claims: each node claims what its configuration binds, once; what does not resolve is an error with a place. */
import { describe, expect, test } from 'vitest';
import type { CapabilityContract } from '../../host/capability/contract.ts';
import {
  BearerTokenAuthorizer,
  capabilityContracts,
  DatasetLookup,
  ProcessorGuest,
  RateLimiter,
} from '../../host/capability/contracts.ts';
import {
  type BindingNode,
  type CapabilityProvider,
  CapabilityRegistry,
} from '../../host/capability/registry.ts';
import type { SourcePosition } from '../../host/errors.ts';

const at = (line: number): SourcePosition => ({ file: 'pipelines.yaml', line, column: 5 });

function provider(name: string, ...provides: string[]): CapabilityProvider & { claims: string[] } {
  const claims: string[] = [];
  return {
    name,
    provides,
    claims,
    bind<T>(contract: CapabilityContract<T>, consumer: string): T {
      claims.push(`${consumer}:${contract.name}`);
      return { of: name, contract: contract.name } as T;
    },
  };
}

function node(name: string, capabilities: Record<string, string>, guest?: string): BindingNode {
  const entries = Object.entries(capabilities).map(
    ([capability, extension], i) => [capability, { extension, position: at(10 + i) }] as const,
  );
  return {
    name,
    position: at(1),
    capabilities: new Map(entries),
    guest: guest === undefined ? undefined : { extension: guest, position: at(20) },
  };
}

const registry = (...providers: CapabilityProvider[]) =>
  new CapabilityRegistry(providers, capabilityContracts);

describe('a claim', () => {
  test('gets the binding of the extension that the node names, of two that provide it', () => {
    const [one, two] = [provider('one', 'rate-limiter'), provider('two', 'rate-limiter')];
    const capabilities = registry(one, two).capabilitiesFor(node('in', { 'rate-limiter': 'two' }));
    expect(capabilities.require(RateLimiter)).toEqual({ of: 'two', contract: 'rate-limiter' });
    expect(one.claims).toEqual([]);
    expect(two.claims).toEqual(['in:rate-limiter']);
  });

  test('of something optional and unbound is undefined', () => {
    expect(registry().capabilitiesFor(node('in', {})).optional(RateLimiter)).toBeUndefined();
  });

  test('of something required and unbound is an error with the place and the remedy', () => {
    const capabilities = registry().capabilitiesFor(node('in', {}));
    expect(() => capabilities.require(RateLimiter)).toThrow(
      expect.objectContaining({
        code: 'WEIR_CAPABILITY_NOT_BOUND',
        position: at(1),
        message: 'node `in` requires the capability `rate-limiter`, which its configuration does not bind',
        hint: 'bind it: `capabilities: { rate-limiter: EXTENSION }`',
      }),
    );
    expect(() => capabilities.require(ProcessorGuest)).toThrow(/requires a processor guest/);
  });

  test.each([
    ['require', 'require'],
    ['require', 'optional'],
    ['optional', 'require'],
    ['optional', 'optional'],
  ] as const)('twice (%s, then %s) is an error', (first, second) => {
    const capabilities = registry(provider('q', 'rate-limiter')).capabilitiesFor(
      node('in', { 'rate-limiter': 'q' }),
    );
    capabilities[first](RateLimiter);
    expect(() => capabilities[second](RateLimiter)).toThrow(
      expect.objectContaining({ code: 'WEIR_CAPABILITY_ALREADY_CLAIMED', position: at(1) }),
    );
  });

  test('by two nodes of the same extension succeeds for both', () => {
    const quota = provider('q', 'rate-limiter');
    const both = registry(quota);
    both.capabilitiesFor(node('a', { 'rate-limiter': 'q' })).require(RateLimiter);
    both.capabilitiesFor(node('b', { 'rate-limiter': 'q' })).require(RateLimiter);
    expect(quota.claims).toEqual(['a:rate-limiter', 'b:rate-limiter']);
  });

  test('of a processor guest goes through `guest`', () => {
    const redact = provider('redact', 'processor');
    const capabilities = registry(redact).capabilitiesFor(node('r', {}, 'redact'));
    expect(capabilities.require(ProcessorGuest)).toMatchObject({ of: 'redact' });
  });
});

describe('bindings that do not resolve', () => {
  const all = registry(provider('quota', 'rate-limiter'), provider('auth', 'bearer-token-authorizer'));

  test('an unknown extension', () => {
    expect(all.check(node('in', { 'rate-limiter': 'qouta' }))).toMatchObject([
      { code: 'WEIR_CAPABILITY_UNKNOWN_EXTENSION', position: at(10) },
    ]);
  });

  test('an unknown capability, with the known ones sorted', () => {
    const [error] = all.check(node('in', { 'rate-limitr': 'quota' }));
    expect(error).toMatchObject({ code: 'WEIR_CAPABILITY_UNKNOWN', position: at(10) });
    const known = capabilityContracts.map((contract) => contract.name).sort();
    expect(error!.message).toContain(known.join(', '));
  });

  test('a capability that nobody provides', () => {
    expect(all.check(node('in', { [DatasetLookup.name]: 'quota' }))).toMatchObject([
      { code: 'WEIR_CAPABILITY_NOT_PROVIDED' },
    ]);
  });

  test('a capability that another extension provides', () => {
    expect(all.check(node('in', { [BearerTokenAuthorizer.name]: 'quota' }))).toMatchObject([
      { code: 'WEIR_CAPABILITY_NOT_PROVIDED_HERE', hint: expect.stringContaining('auth') },
    ]);
  });

  test('a guest that is no processor', () => {
    expect(all.check(node('in', {}, 'quota'))).toMatchObject([{ position: at(20) }]);
  });

  test('all of them at once, sorted by capability', () => {
    const errors = all.check(node('in', { 'rate-limiter': 'x', 'dataset-lookup': 'quota', abc: 'quota' }));
    expect(errors.map((error) => error.code)).toEqual([
      'WEIR_CAPABILITY_UNKNOWN',
      'WEIR_CAPABILITY_NOT_PROVIDED',
      'WEIR_CAPABILITY_UNKNOWN_EXTENSION',
    ]);
  });

  test('one to an extension whose component cannot be read is not judged', () => {
    const half = new CapabilityRegistry([], capabilityContracts, new Set(['broken']));
    expect(half.check(node('in', { 'rate-limiter': 'broken' }))).toEqual([]);
  });
});
