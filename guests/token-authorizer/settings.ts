/** Reads the configuration: the list of tokens. The schema in weir.yaml says the same. */
import { Entry, know } from './entries';
import { JsonValue, parse } from './generated/json';
import { Result, Tuple2, Unit } from './generated/wit';
import { DIGEST_SIZE } from './sha256';

export function configure(json: string): Result<Unit, string> {
  const parsed = parse(json);
  if (parsed.isErr) return refused('the configuration is not JSON: ' + parsed.unwrapErr().toString());
  const config = parsed.unwrap();
  const tokens = config.get('tokens');
  if (tokens === null || !tokens.isArray) return refused('tokens: expected a list of tokens; it is missing');
  const unknown = unknownKey(config, ['tokens']);
  if (unknown !== null) return refused(unknown);

  const list = tokens.asArray();
  const entries = new Array<Entry>();
  const digests = new StaticArray<u8>(list.length * <i32>DIGEST_SIZE);
  for (let i = 0; i < list.length; i++) {
    const place = 'tokens[' + i.toString() + ']';
    const token = list[i];
    if (!token.isObject) return refused(place + ': expected an object with "sha256" and "principal"');
    const strange = unknownKey(token, ['sha256', 'principal', 'claims', 'not_permitted']);
    if (strange !== null) return refused(place + ': ' + strange);

    const sha256 = token.get('sha256');
    if (
      sha256 === null ||
      !sha256.isString ||
      !readHex(sha256.asString(), changetype<usize>(digests) + <usize>i * DIGEST_SIZE)
    ) {
      return refused(place + '.sha256: expected 64 hexadecimal digits');
    }
    for (let earlier = 0; earlier < i; earlier++) {
      const from = changetype<usize>(digests);
      if (
        memory.compare(from + <usize>earlier * DIGEST_SIZE, from + <usize>i * DIGEST_SIZE, DIGEST_SIZE) == 0
      ) {
        return refused(place + '.sha256: the same token stands in tokens[' + earlier.toString() + ']');
      }
    }

    const principal = token.get('principal');
    if (principal === null || !principal.isString || principal.asString().length == 0) {
      return refused(place + '.principal: expected a name');
    }
    const notPermitted = token.get('not_permitted');
    if (notPermitted !== null && !notPermitted.isBool)
      return refused(place + '.not_permitted: expected true or false');

    const claims = new Array<Tuple2<string, string>>();
    const given = token.get('claims');
    if (given !== null) {
      if (!given.isObject) return refused(place + '.claims: expected an object of texts');
      const names = given.asObject().keys();
      for (let n = 0; n < names.length; n++) {
        const claim = given.asObject().get(names[n]);
        if (!claim.isString) return refused(place + '.claims.' + names[n] + ': expected a text');
        claims.push(new Tuple2<string, string>(names[n], claim.asString()));
      }
    }
    entries.push(new Entry(principal.asString(), claims, notPermitted !== null && notPermitted.asBool()));
  }
  know(entries, digests);
  return Result.ok<Unit, string>(Unit.value);
}

/** What to say about the first key of `value` that is not among `known`, or null. */
function unknownKey(value: JsonValue, known: string[]): string | null {
  const keys = value.asObject().keys();
  for (let i = 0; i < keys.length; i++) {
    if (!known.includes(keys[i])) return 'unknown key "' + keys[i] + '"; known are ' + known.join(', ');
  }
  return null;
}

/** Write the bytes that 64 hexadecimal digits stand for to `to`; false if they are not that. */
function readHex(text: string, to: usize): bool {
  if (text.length != 2 * <i32>DIGEST_SIZE) return false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const lower = code | 0x20;
    let digit = 0;
    if (code >= 0x30 && code <= 0x39) digit = code - 0x30;
    else if (lower >= 0x61 && lower <= 0x66) digit = lower - 0x57;
    else return false;
    const at = to + (<usize>i >> 1);
    store<u8>(at, <u8>((load<u8>(at) << 4) | digit));
  }
  return true;
}

function refused(why: string): Result<Unit, string> {
  return Result.err<Unit, string>(why);
}
