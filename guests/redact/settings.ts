/** Reads the configuration: what to look for, and the masks. The schema in weir.yaml says the same. */
import { setMask } from './edits';
import { JsonValue, parse } from './generated/json';
import { Result, Unit } from './generated/wit';
import { BEARER_TOKEN, CARD_NUMBER, EMAIL, lookFor } from './text';

/** Names of the kinds, by number; a mask is by default its kind's name in brackets. */
const KINDS = ['email', 'card-number', 'bearer-token'];

/** Longer than any mask is useful; a batch must not grow without bound. */
const MASK_LENGTH_MAX = 256;

export function configure(json: string): Result<Unit, string> {
  const parsed = parse(json);
  if (parsed.isErr) return refused('the configuration is not JSON: ' + parsed.unwrapErr().toString());
  const config = parsed.unwrap();
  if (!config.isObject) return refused('expected an object with the keys "find" and "masks"');

  for (let kind = EMAIL; kind <= BEARER_TOKEN; kind++)
    setMask(kind, String.UTF8.encode('[' + KINDS[kind] + ']'));
  let wanted: u32 = (1 << EMAIL) | (1 << CARD_NUMBER) | (1 << BEARER_TOKEN);

  const keys = config.asObject().keys();
  for (let i = 0; i < keys.length; i++) {
    const value = config.asObject().get(keys[i]);
    if (keys[i] == 'find') {
      if (!value.isArray) return refused('find: expected a list of ' + kindNames());
      wanted = 0;
      const names = value.asArray();
      for (let n = 0; n < names.length; n++) {
        const kind = kindOf(names[n]);
        if (kind < 0) return refused('find: expected each to be one of ' + kindNames());
        wanted |= 1 << kind;
      }
    } else if (keys[i] == 'masks') {
      if (!value.isObject) return refused('masks: expected an object of texts by kind');
      const problem = setMasks(value.asObject());
      if (problem.length > 0) return refused(problem);
    } else {
      return refused('unknown key "' + keys[i] + '"; known are "find" and "masks"');
    }
  }
  lookFor(wanted);
  return Result.ok<Unit, string>(Unit.value);
}

/** Empty, or what is wrong. */
function setMasks(masks: Map<string, JsonValue>): string {
  const names = masks.keys();
  for (let i = 0; i < names.length; i++) {
    const kind = KINDS.indexOf(names[i]);
    if (kind < 0) return 'masks: unknown key "' + names[i] + '"; known are ' + kindNames();
    const mask = masks.get(names[i]);
    if (!mask.isString || mask.asString().length > MASK_LENGTH_MAX) {
      return `masks.${names[i]}: expected a text of at most ${MASK_LENGTH_MAX} characters`;
    }
    setMask(<u32>kind, String.UTF8.encode(mask.asString()));
  }
  return '';
}

function kindOf(name: JsonValue): i32 {
  return name.isString ? KINDS.indexOf(name.asString()) : -1;
}

function kindNames(): string {
  return KINDS.join(', ');
}

function refused(why: string): Result<Unit, string> {
  return Result.err<Unit, string>(why);
}
