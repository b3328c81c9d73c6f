/**
 * Signatures of components: Ed25519 (RFC 8032), in custom sections at the end of the file, so that a component
 * stays one file. The manifest is a section of the component, too: a signature covers both.
 *
 * - A section `weir:signature` holds the signer's public key (32 bytes) and the signature (64 bytes).
 * - Signed is a line that says what is signed, and the SHA-256 of every byte in front of the first such
 *   section. Several keys may sign the same bytes; nothing else may follow a signature.
 * - Whom to trust is not in the file: `integrity.ts`.
 */
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { WeirError } from '../errors.ts';
import { addCustomSection, customSections } from './custom-sections.ts';
import { extensionErrors } from './errors.ts';

export const SIGNATURE_SECTION = 'weir:signature';

const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
const PREFIX = 'ed25519:';
const STATEMENT = 'weir component signature, version 1\n';

/** A public key as text: `ed25519:` and 32 bytes in base64. */
export const publicKeyPattern = /^ed25519:[A-Za-z0-9+/]{43}=$/;

/** The public key of a private one (PEM). @throws WeirError `WEIR_EXTENSION_KEY` */
export function publicKeyOf(privatePem: string): string {
  return keyText(
    Buffer.from(createPublicKey(readPrivateKey(privatePem)).export({ format: 'jwk' }).x!, 'base64url'),
  );
}

/**
 * `component` signed with a private key (PEM, PKCS #8), as a new array. What others signed stays; an
 * earlier signature of the same key is replaced.
 * @throws WeirError `WEIR_EXTENSION_KEY`, `WEIR_EXTENSION_SIGNATURE`
 */
export function signComponent(component: Uint8Array, privatePem: string): Uint8Array {
  const key = readPrivateKey(privatePem);
  const own = publicKeyOf(privatePem);
  const { signed, signatures } = split(component);
  const made = sign(null, statement(signed), key);
  let out = signed;
  for (const other of signatures) {
    if (keyText(other.subarray(0, KEY_BYTES)) !== own) out = addCustomSection(out, SIGNATURE_SECTION, other);
  }
  return addCustomSection(out, SIGNATURE_SECTION, Buffer.concat([keyBytes(own), made]));
}

/**
 * The public keys whose signatures of `component` are good.
 * @throws WeirError `WEIR_EXTENSION_SIGNATURE` when one is not: the bytes are not the ones that were signed
 */
export function signersOf(component: Uint8Array): string[] {
  const { signed, signatures } = split(component);
  if (signatures.length === 0) return [];
  const message = statement(signed);
  return signatures.map((payload) => {
    const key = payload.subarray(0, KEY_BYTES);
    if (!isGood(key, message, payload.subarray(KEY_BYTES))) {
      throw broken(`the signature of ${keyText(key)} does not fit its bytes`);
    }
    return keyText(key);
  });
}

function isGood(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    return verify(null, message, readPublicKey(key), signature);
  } catch {
    return false; // No point of the curve.
  }
}

function split(component: Uint8Array): { signed: Uint8Array; signatures: Uint8Array[] } {
  const sections = customSections(component).filter(({ name }) => name === SIGNATURE_SECTION);
  const first = sections[0];
  if (first === undefined) return { signed: component, signatures: [] };
  let end = first.start;
  for (const section of sections) {
    if (section.start !== end) throw broken('something stands between or behind its signatures');
    if (section.payload.length !== KEY_BYTES + SIGNATURE_BYTES) {
      throw broken(
        `a section "${SIGNATURE_SECTION}" has ${section.payload.length} bytes; expected ${KEY_BYTES + SIGNATURE_BYTES}`,
      );
    }
    end = section.end;
  }
  if (end !== component.length) throw broken('something stands between or behind its signatures');
  return { signed: component.subarray(0, first.start), signatures: sections.map(({ payload }) => payload) };
}

function statement(signed: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(STATEMENT), createHash('sha256').update(signed).digest()]);
}

function readPrivateKey(pem: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch (cause) {
    throw keyError('it is no private key in PEM', cause);
  }
  if (key.asymmetricKeyType !== 'ed25519')
    throw keyError(`it is a key of type ${key.asymmetricKeyType}, not ed25519`);
  return key;
}

function readPublicKey(bytes: Uint8Array): KeyObject {
  const x = Buffer.from(bytes).toString('base64url');
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
}

function keyText(bytes: Uint8Array): string {
  return PREFIX + Buffer.from(bytes).toString('base64');
}

function keyBytes(text: string): Buffer {
  return Buffer.from(text.slice(PREFIX.length), 'base64');
}

function broken(why: string): WeirError {
  return new WeirError(
    extensionErrors.WEIR_EXTENSION_SIGNATURE,
    `the component was changed after it was signed: ${why}`,
    {
      hint: 'get it anew from whoever signed it, or sign it again with `weir sign`',
    },
  );
}

function keyError(why: string, cause?: unknown): WeirError {
  return new WeirError(extensionErrors.WEIR_EXTENSION_KEY, `the key cannot be used: ${why}`, {
    cause,
    hint: '`weir keygen FILE` makes one',
  });
}
