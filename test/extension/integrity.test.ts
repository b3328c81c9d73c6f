/** A component is what its operator means: pinned by digest, signed by somebody trusted, described truly by its manifest. */
import { createHash, generateKeyPairSync } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { addCustomSection } from '../../host/extension/custom-sections.ts';
import { embedManifest, type Manifest } from '../../host/extension/manifest.ts';
import { type ExtensionProvider, readProvider } from '../../host/extension/provider.ts';
import { publicKeyOf, SIGNATURE_SECTION, signComponent, signersOf } from '../../host/extension/signature.ts';
import { makeProbe, Probe } from './probe.ts';

const newKey = () =>
  generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;
const key = newKey();
const publicKey = publicKeyOf(key);

const manifest: Manifest = {
  urn: 'urn:test:extension:probe',
  version: '1.0.0',
  description: 'For tests.',
  exports: ['test:probe/probe@1.0.0'],
  imports: ['weir:extension/log@0.1.0', 'weir:extension/clock@0.1.0'],
  instances: 'per-pipeline',
};

let bare: Uint8Array;
let component: Uint8Array;
beforeAll(async () => {
  bare = await makeProbe(['probe']);
  component = embedManifest(bare, manifest);
});

const provider = (bytes: Uint8Array): ExtensionProvider => readProvider(bytes, [Probe]);
const code = (name: string) => expect.objectContaining({ code: `WEIR_EXTENSION_${name}` });

test('a pin lets in the bytes that it names and no others', () => {
  const pin = createHash('sha256').update(component).digest('hex');
  const trust = { keys: [], required: false };
  provider(component).checkIntegrity(pin, trust);
  provider(component).checkIntegrity(pin.toUpperCase(), trust);
  const other = embedManifest(bare, { ...manifest, description: 'Something else.' });
  expect(() => provider(other).checkIntegrity(pin, trust)).toThrow(code('PIN'));
});

describe('signatures', () => {
  const required = { keys: [publicKey], required: true };

  test('a trusted one is enough, none or another is not, where one is required', () => {
    provider(signComponent(component, key)).checkIntegrity(undefined, required);
    provider(signComponent(signComponent(component, newKey()), key)).checkIntegrity(undefined, required);
    expect(() => provider(component).checkIntegrity(undefined, required)).toThrow(code('UNSIGNED'));
    const stranger = provider(signComponent(component, newKey()));
    expect(() => stranger.checkIntegrity(undefined, required)).toThrow(code('UNSIGNED'));
    stranger.checkIntegrity(undefined, { ...required, required: false });
  });

  test('signing again replaces the signature of the same key', () => {
    const other = newKey();
    const twice = signComponent(signComponent(signComponent(component, key), other), key);
    expect(signersOf(twice)).toEqual([publicKeyOf(other), publicKey]);
    expect(signComponent(signComponent(component, key), key)).toEqual(signComponent(component, key));
  });

  test('every byte of component, manifest and signature counts', () => {
    const signed = signComponent(component, key);
    for (let at = 8; at < signed.length; at += 1 + Math.floor(signed.length / 400)) {
      const changed = signed.slice();
      changed[at]! ^= 1;
      let signers: string[] = [];
      try {
        signers = signersOf(changed);
      } catch (error) {
        expect(error).toEqual(code('SIGNATURE'));
      }
      expect(signers).not.toContain(publicKey);
    }
  });

  test('a signature of another component, a cut one and one with something behind it are refused', () => {
    const signed = signComponent(component, key);
    const [, section] = [component.length, signed.subarray(component.length)];
    expect(() => provider(Buffer.concat([bare, section]))).toThrow(code('SIGNATURE'));
    expect(() => provider(addCustomSection(signed, 'more', new Uint8Array(3)))).toThrow(code('SIGNATURE'));
    const short = addCustomSection(component, SIGNATURE_SECTION, new Uint8Array(95));
    expect(() => provider(short)).toThrow(code('SIGNATURE'));
    const zero = addCustomSection(component, SIGNATURE_SECTION, new Uint8Array(96));
    expect(() => provider(zero)).toThrow(code('SIGNATURE'));
  });

  test('keys of another kind and what is no key are refused', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    const pem = rsa.export({ format: 'pem', type: 'pkcs8' }) as string;
    expect(() => signComponent(component, pem)).toThrow(code('KEY'));
    expect(() => signComponent(component, 'no key')).toThrow(code('KEY'));
  });
});

describe('a manifest that its component belies is refused', () => {
  test.each([
    [
      { exports: [...manifest.exports, 'weir:capability/rate-limiter@0.1.0'] },
      /says that it exports weir:capability/,
    ],
    [{ exports: [] }, /exports test:probe\/probe@1\.0\.0, and does not say so/],
    [{ imports: [...manifest.imports, 'wasi:cli/stdin@0.2.0'] }, /says that it imports wasi:cli\/stdin/],
    [{ imports: ['weir:extension/log@0.1.0'] }, /imports weir:extension\/clock@0\.1\.0, and does not say so/],
  ])('%o', (change, message) => {
    const bytes = embedManifest(bare, { ...manifest, ...change });
    expect(() => provider(bytes)).toThrow(code('MANIFEST_MISMATCH'));
    expect(() => provider(bytes)).toThrow(message);
  });
});
