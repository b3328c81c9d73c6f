/**
 * JSON in (RFC 8259), a tree of values out: for `configure(json)`. Strict: no comments, no trailing commas,
 * nothing behind the value. Of a key that stands twice, the last counts, as in JavaScript.
 */
import { Decimal } from './decimal';
import { Result } from './wit';

/** Deeper nesting is refused, so that a hostile text cannot exhaust the stack. */
const DEPTH_MAX: i32 = 128;

export enum JsonKind {
  Null,
  Bool,
  Number,
  String,
  Array,
  Object,
}

/** Why a text is not JSON. */
export class JsonError {
  constructor(
    public message: string,
    /** In UTF-16 code units from the start. */
    public offset: i32,
  ) {}

  toString(): string {
    return `${this.message} at offset ${this.offset}`;
  }
}

/** A value. `kind` says what it is; an `as…` of another kind traps. */
export class JsonValue {
  private truth: bool = false;
  private float: f64 = 0;
  private text: string = '';
  private items: Array<JsonValue> | null = null;
  private members: Map<string, JsonValue> | null = null;

  constructor(readonly kind: JsonKind) {}

  static ofBool(value: bool): JsonValue {
    const made = new JsonValue(JsonKind.Bool);
    made.truth = value;
    return made;
  }

  static ofNumber(value: f64): JsonValue {
    const made = new JsonValue(JsonKind.Number);
    made.float = value;
    return made;
  }

  static ofString(value: string): JsonValue {
    const made = new JsonValue(JsonKind.String);
    made.text = value;
    return made;
  }

  static ofArray(value: Array<JsonValue>): JsonValue {
    const made = new JsonValue(JsonKind.Array);
    made.items = value;
    return made;
  }

  static ofObject(value: Map<string, JsonValue>): JsonValue {
    const made = new JsonValue(JsonKind.Object);
    made.members = value;
    return made;
  }

  get isNull(): bool {
    return this.kind == JsonKind.Null;
  }

  get isBool(): bool {
    return this.kind == JsonKind.Bool;
  }

  get isNumber(): bool {
    return this.kind == JsonKind.Number;
  }

  get isString(): bool {
    return this.kind == JsonKind.String;
  }

  get isArray(): bool {
    return this.kind == JsonKind.Array;
  }

  get isObject(): bool {
    return this.kind == JsonKind.Object;
  }

  asBool(): bool {
    assert(this.isBool, 'the JSON value is not a boolean');
    return this.truth;
  }

  asNumber(): f64 {
    assert(this.isNumber, 'the JSON value is not a number');
    return this.float;
  }

  asString(): string {
    assert(this.isString, 'the JSON value is not a string');
    return this.text;
  }

  asArray(): Array<JsonValue> {
    assert(this.isArray, 'the JSON value is not an array');
    return changetype<Array<JsonValue>>(this.items);
  }

  asObject(): Map<string, JsonValue> {
    assert(this.isObject, 'the JSON value is not an object');
    return changetype<Map<string, JsonValue>>(this.members);
  }

  /** The member `key`, or null when there is none or this is no object. */
  get(key: string): JsonValue | null {
    const members = this.members;
    if (members === null || !members.has(key)) return null;
    return members.get(key);
  }
}

/** Read `text`, which must be one JSON value. */
export function parse(text: string): Result<JsonValue, JsonError> {
  const parser = new Parser(text);
  const value = parser.document();
  const error = parser.error;
  if (error !== null) return Result.err<JsonValue, JsonError>(error);
  return Result.ok<JsonValue, JsonError>(value);
}

const NULL: JsonValue = new JsonValue(JsonKind.Null);

class Parser {
  error: JsonError | null = null;
  private at: i32 = 0;
  private depth: i32 = 0;

  constructor(private readonly text: string) {}

  document(): JsonValue {
    this.skipSpace();
    const value = this.value();
    if (this.error !== null) return NULL;
    this.skipSpace();
    if (this.at < this.text.length) return this.fail('expected nothing behind the value');
    return value;
  }

  private value(): JsonValue {
    const c = this.peek();
    if (c == 0x22) {
      const text = this.stringLiteral();
      return this.error === null ? JsonValue.ofString(text) : NULL;
    }
    if (c == 0x7b) return this.object();
    if (c == 0x5b) return this.array();
    if (c == 0x2d || isDigit(c)) return this.number();
    if (this.word('true')) return JsonValue.ofBool(true);
    if (this.word('false')) return JsonValue.ofBool(false);
    if (this.word('null')) return NULL;
    return this.fail('expected a value');
  }

  private object(): JsonValue {
    const members = new Map<string, JsonValue>();
    if (!this.enter()) return NULL;
    if (this.peek() == 0x7d) return this.leave(JsonValue.ofObject(members));
    while (true) {
      if (this.peek() != 0x22) return this.fail('expected a key in quotes');
      const key = this.stringLiteral();
      if (this.error !== null) return NULL;
      this.skipSpace();
      if (this.peek() != 0x3a) return this.fail('expected ":"');
      this.at++;
      this.skipSpace();
      const value = this.value();
      if (this.error !== null) return NULL;
      members.set(key, value);
      this.skipSpace();
      const c = this.peek();
      if (c == 0x7d) return this.leave(JsonValue.ofObject(members));
      if (c != 0x2c) return this.fail('expected "," or "}"');
      this.at++;
      this.skipSpace();
    }
  }

  private array(): JsonValue {
    const items = new Array<JsonValue>();
    if (!this.enter()) return NULL;
    if (this.peek() == 0x5d) return this.leave(JsonValue.ofArray(items));
    while (true) {
      const item = this.value();
      if (this.error !== null) return NULL;
      items.push(item);
      this.skipSpace();
      const c = this.peek();
      if (c == 0x5d) return this.leave(JsonValue.ofArray(items));
      if (c != 0x2c) return this.fail('expected "," or "]"');
      this.at++;
      this.skipSpace();
    }
  }

  private enter(): bool {
    if (++this.depth > DEPTH_MAX) {
      this.fail(`expected at most ${DEPTH_MAX} levels of nesting`);
      return false;
    }
    this.at++;
    this.skipSpace();
    return true;
  }

  private leave(value: JsonValue): JsonValue {
    this.depth--;
    this.at++;
    return value;
  }

  private number(): JsonValue {
    const negative = this.peek() == 0x2d;
    if (negative) this.at++;
    if (!isDigit(this.peek())) return this.fail('expected a digit');
    if (this.peek() == 0x30 && isDigit(this.ahead())) {
      this.at++;
      return this.fail('expected no digit behind a leading zero');
    }
    const start = this.at;
    const whole = this.digits();
    let fraction = 0;
    if (this.peek() == 0x2e) {
      this.at++;
      fraction = this.digits();
      if (fraction == 0) return this.fail('expected a digit');
    }
    const end = this.at;
    let exponent = 0;
    if ((this.peek() | 0x20) == 0x65) {
      this.at++;
      const sign = this.peek();
      if (sign == 0x2b || sign == 0x2d) this.at++;
      if (!isDigit(this.peek())) return this.fail('expected a digit');
      while (isDigit(this.peek())) {
        if (exponent < 100_000_000) exponent = exponent * 10 + (this.peek() - 0x30);
        this.at++;
      }
      if (sign == 0x2d) exponent = -exponent;
    }
    const value = this.nearest(start, end, whole, fraction, exponent);
    return JsonValue.ofNumber(negative ? -value : value);
  }

  /** Skip digits; how many there were. */
  private digits(): i32 {
    const start = this.at;
    while (isDigit(this.peek())) this.at++;
    return this.at - start;
  }

  /** The f64 nearest to the digits between `start` and `end`, times ten to the `exponent`. */
  private nearest(start: i32, end: i32, whole: i32, fraction: i32, exponent: i32): f64 {
    const scale = exponent - fraction;
    // Up to 15 digits, and ten to the 22, are exact in an f64, so that one operation rounds right.
    if (whole + fraction <= 15 && abs(scale) <= 22) {
      let digits: f64 = 0;
      for (let i = start; i < end; i++) {
        const c = this.text.charCodeAt(i);
        if (c != 0x2e) digits = digits * 10 + <f64>(c - 0x30);
      }
      let power: f64 = 1;
      for (let i = 0; i < abs(scale); i++) power *= 10;
      return scale < 0 ? digits / power : digits * power;
    }
    const decimal = new Decimal();
    for (let i = start; i < end; i++) {
      const c = this.text.charCodeAt(i);
      if (c != 0x2e) decimal.push(c - 0x30);
    }
    return decimal.toFloat(whole, exponent);
  }

  private stringLiteral(): string {
    let text = '';
    let start = ++this.at;
    while (true) {
      const c = this.peek();
      if (c < 0x20) {
        this.fail(c < 0 ? 'expected the end of the string' : 'expected no control character in a string');
        return '';
      }
      if (c == 0x22) {
        text += this.text.substring(start, this.at++);
        return text;
      }
      if (c != 0x5c) {
        this.at++;
        continue;
      }
      text += this.text.substring(start, this.at++);
      const unit = this.escape();
      if (unit < 0) return '';
      text += String.fromCharCode(unit);
      start = this.at;
    }
  }

  /** The code unit that the escape behind a backslash stands for, or -1. A pair of surrogates is two escapes. */
  private escape(): i32 {
    const c = this.peek();
    this.at++;
    if (c == 0x22 || c == 0x5c || c == 0x2f) return c;
    if (c == 0x62) return 8;
    if (c == 0x66) return 12;
    if (c == 0x6e) return 10;
    if (c == 0x72) return 13;
    if (c == 0x74) return 9;
    if (c == 0x75) {
      let unit = 0;
      for (let i = 0; i < 4; i++) {
        const digit = hexDigit(this.peek());
        if (digit < 0) {
          this.fail('expected four hexadecimal digits');
          return -1;
        }
        unit = (unit << 4) | digit;
        this.at++;
      }
      return unit;
    }
    this.at--;
    this.fail('expected one of "\\/bfnrtu behind a backslash');
    return -1;
  }

  private word(word: string): bool {
    if (!this.text.startsWith(word, this.at)) return false;
    this.at += word.length;
    return true;
  }

  private skipSpace(): void {
    while (true) {
      const c = this.peek();
      if (c != 0x20 && c != 0x0a && c != 0x0d && c != 0x09) return;
      this.at++;
    }
  }

  /** The code unit here, or -1 at the end. */
  private peek(): i32 {
    return this.at < this.text.length ? this.text.charCodeAt(this.at) : -1;
  }

  private ahead(): i32 {
    return this.at + 1 < this.text.length ? this.text.charCodeAt(this.at + 1) : -1;
  }

  private fail(message: string): JsonValue {
    if (this.error === null) this.error = new JsonError(message, this.at);
    return NULL;
  }
}

function isDigit(c: i32): bool {
  return c >= 0x30 && c <= 0x39;
}

function hexDigit(c: i32): i32 {
  if (isDigit(c)) return c - 0x30;
  const lower = c | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
