import { expect, test } from 'vitest';
import { capabilityContracts } from '../../host/capability/contracts.ts';
import { providersOf, resolveBinding } from '../../host/capability/resolution.ts';

const scope = {
  contracts: capabilityContracts,
  extensions: new Map([
    ['auth', ['bearer-token-authorizer']],
    ['quota', ['rate-limiter', 'key-value-store']],
  ]),
};

test('a binding to an extension that provides the capability resolves', () => {
  expect(resolveBinding({ capability: 'rate-limiter', extension: 'quota' }, scope)).toBeUndefined();
});

test('an unknown extension is told first, with the name that was meant', () => {
  expect(resolveBinding({ capability: 'teleport', extension: 'qota' }, scope)).toEqual({
    code: 'WEIR_CAPABILITY_UNKNOWN_EXTENSION',
    message: 'no extension of this pipeline is named `qota`',
    hint: 'did you mean `quota`?',
    about: 'extension',
  });
});

test('an unknown capability lists the known ones, sorted', () => {
  const error = resolveBinding({ capability: 'rate_limitr', extension: 'quota' }, scope);
  expect(error).toMatchObject({ code: 'WEIR_CAPABILITY_UNKNOWN', hint: 'did you mean `rate-limiter`?' });
  expect(error!.message).toContain(
    'bearer-token-authorizer, bearer-token-provider, dataset-lookup, key-value-store, rate-limiter, service-discovery',
  );
});

test('a capability that nobody provides is told apart from one that only this extension lacks', () => {
  expect(resolveBinding({ capability: 'dataset-lookup', extension: 'auth' }, scope)).toMatchObject({
    code: 'WEIR_CAPABILITY_NOT_PROVIDED',
  });
  expect(resolveBinding({ capability: 'rate-limiter', extension: 'auth' }, scope)).toMatchObject({
    code: 'WEIR_CAPABILITY_NOT_PROVIDED_HERE',
    message: 'the extension `auth` does not provide `rate-limiter`; it provides bearer-token-authorizer',
    hint: 'bind it to an extension that does: quota',
  });
});

test('an extension whose component cannot be read is not accused of anything', () => {
  const extensions = new Map<string, string[] | undefined>([
    ['auth', ['bearer-token-authorizer']],
    ['broken', undefined],
  ]);
  expect(
    resolveBinding({ capability: 'rate-limiter', extension: 'broken' }, { ...scope, extensions }),
  ).toBeUndefined();
  expect(
    resolveBinding({ capability: 'rate-limiter', extension: 'auth' }, { ...scope, extensions }),
  ).toBeUndefined();
});

test('two extensions may provide one capability', () => {
  const extensions = new Map([...scope.extensions, ['burst', ['rate-limiter']]] as [string, string[]][]);
  expect(providersOf('rate-limiter', { ...scope, extensions })).toEqual(['burst', 'quota']);
  expect(
    resolveBinding({ capability: 'rate-limiter', extension: 'burst' }, { ...scope, extensions }),
  ).toBeUndefined();
});
