/**
 * `token-authorizer`: tells bearers by the SHA-256 of their tokens. The tokens themselves are in no
 * configuration, in no answer and in no log; it does not even import the host's log.
 */
import { find } from './entries';
import { Decision, Denial, DenyReason, Identity } from './generated/bearer-token-authorizer';
import { CapabilityError } from './generated/types';
import { Result } from './generated/wit';
import { sha256 } from './sha256';

export { configure } from './settings';

const digest = memory.data(32); // DIGEST_SIZE

export function authorize(token: string): Result<Decision, CapabilityError> {
  if (token.length == 0) return deny(DenyReason.MissingCredential, 'no bearer token came with the request');

  const bytes = String.UTF8.encode(token);
  sha256(changetype<usize>(bytes), bytes.byteLength, digest);
  memory.fill(changetype<usize>(bytes), 0, bytes.byteLength);

  const entry = find(digest);
  if (entry === null) return deny(DenyReason.InvalidCredential, 'the bearer token is not known');
  if (entry.notPermitted) return deny(DenyReason.NotPermitted, entry.principal + ' may not send here');
  return Result.ok<Decision, CapabilityError>(
    Decision.allow(new Identity(entry.principal, 'static', entry.claims)),
  );
}

function deny(reason: DenyReason, detail: string): Result<Decision, CapabilityError> {
  return Result.ok<Decision, CapabilityError>(Decision.deny(new Denial(reason, detail)));
}
