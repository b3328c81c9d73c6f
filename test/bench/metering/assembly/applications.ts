// AssemblyScript: what guests do all day. Each export does a fixed amount of work and returns a number
// that depends on all of it.

// ---- sha256 ----

const K = memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
  0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
  0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
  0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
  0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
  0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
  0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
  0xc67178f2,
]);
const schedule = memory.data(256);
const state = memory.data<u32>([
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
]);

function compress(block: usize): void {
  for (let t: u32 = 0; t < 16; t++) store<u32>(schedule + (t << 2), bswap<u32>(load<u32>(block + (t << 2))));
  for (let t: u32 = 16; t < 64; t++) {
    const w15 = load<u32>(schedule + ((t - 15) << 2));
    const w2 = load<u32>(schedule + ((t - 2) << 2));
    const s0 = rotr<u32>(w15, 7) ^ rotr<u32>(w15, 18) ^ (w15 >>> 3);
    const s1 = rotr<u32>(w2, 17) ^ rotr<u32>(w2, 19) ^ (w2 >>> 10);
    store<u32>(
      schedule + (t << 2),
      load<u32>(schedule + ((t - 16) << 2)) + s0 + load<u32>(schedule + ((t - 7) << 2)) + s1,
    );
  }
  let a = load<u32>(state),
    b = load<u32>(state, 4),
    c = load<u32>(state, 8),
    d = load<u32>(state, 12);
  let e = load<u32>(state, 16),
    f = load<u32>(state, 20),
    g = load<u32>(state, 24),
    h = load<u32>(state, 28);
  for (let t: u32 = 0; t < 64; t++) {
    const s1 = rotr<u32>(e, 6) ^ rotr<u32>(e, 11) ^ rotr<u32>(e, 25);
    const t1 = h + s1 + ((e & f) ^ (~e & g)) + load<u32>(K + (t << 2)) + load<u32>(schedule + (t << 2));
    const s0 = rotr<u32>(a, 2) ^ rotr<u32>(a, 13) ^ rotr<u32>(a, 22);
    const t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = d + t1;
    d = c;
    c = b;
    b = a;
    a = t1 + t2;
  }
  store<u32>(state, load<u32>(state) + a);
  store<u32>(state, load<u32>(state, 4) + b, 4);
  store<u32>(state, load<u32>(state, 8) + c, 8);
  store<u32>(state, load<u32>(state, 12) + d, 12);
  store<u32>(state, load<u32>(state, 16) + e, 16);
  store<u32>(state, load<u32>(state, 20) + f, 20);
  store<u32>(state, load<u32>(state, 24) + g, 24);
  store<u32>(state, load<u32>(state, 28) + h, 28);
}

const message = memory.data(65536);

export function sha256(): u32 {
  for (let i: u32 = 0; i < 65536; i++) store<u8>(message + i, <u8>(i * 7));
  for (let block: usize = 0; block < 65536; block += 64) compress(message + block);
  return load<u32>(state);
}

// ---- json parse ----

abstract class Value {
  abstract weight(): f64;
}
class Num extends Value {
  constructor(public value: f64) {
    super();
  }
  weight(): f64 {
    return this.value;
  }
}
class Text extends Value {
  constructor(public value: string) {
    super();
  }
  weight(): f64 {
    return this.value.length;
  }
}
class List extends Value {
  items: Value[] = [];
  weight(): f64 {
    let sum: f64 = 1;
    for (let i = 0; i < this.items.length; i++) sum += this.items[i].weight();
    return sum;
  }
}
class Dictionary extends Value {
  fields: Map<string, Value> = new Map<string, Value>();
  weight(): f64 {
    let sum: f64 = 2;
    const values = this.fields.values();
    for (let i = 0; i < values.length; i++) sum += values[i].weight();
    return sum;
  }
}

class JsonReader {
  at: i32 = 0;
  constructor(public text: string) {}

  space(): void {
    while (this.at < this.text.length && this.text.charCodeAt(this.at) <= 0x20) this.at++;
  }

  value(): Value {
    this.space();
    const c = this.text.charCodeAt(this.at);
    if (c == 0x7b) return this.dictionary();
    if (c == 0x5b) return this.list();
    if (c == 0x22) return new Text(this.string());
    return new Num(this.number());
  }

  dictionary(): Value {
    const result = new Dictionary();
    this.at++;
    for (;;) {
      this.space();
      if (this.text.charCodeAt(this.at) == 0x7d) break;
      const key = this.string();
      this.space();
      this.at++;
      result.fields.set(key, this.value());
      this.space();
      if (this.text.charCodeAt(this.at) == 0x2c) this.at++;
    }
    this.at++;
    return result;
  }

  list(): Value {
    const result = new List();
    this.at++;
    for (;;) {
      this.space();
      if (this.text.charCodeAt(this.at) == 0x5d) break;
      result.items.push(this.value());
      this.space();
      if (this.text.charCodeAt(this.at) == 0x2c) this.at++;
    }
    this.at++;
    return result;
  }

  string(): string {
    const start = ++this.at;
    while (this.text.charCodeAt(this.at) != 0x22) this.at++;
    return this.text.slice(start, this.at++);
  }

  number(): f64 {
    let value: f64 = 0;
    let scale: f64 = 0;
    for (; this.at < this.text.length; this.at++) {
      const c = this.text.charCodeAt(this.at);
      if (c == 0x2e) scale = 1;
      else if (c >= 0x30 && c <= 0x39) {
        value = value * 10 + <f64>(c - 0x30);
        scale *= 10;
      } else break;
    }
    return scale == 0 ? value : value / scale;
  }
}

function document(): string {
  const parts: string[] = [];
  for (let i = 0; i < 200; i++) {
    parts.push(
      '{ "name": "checkout-' +
        i.toString() +
        '", "latency": ' +
        (i * 37).toString() +
        '.25, "tags": ["a", "bc", "def"], "nested": {"x": 1, "y": [1, 2, 3]} }',
    );
  }
  return '[' + parts.join(', ') + ']';
}
const json = document();

export function jsonParse(): f64 {
  return new JsonReader(json).value().weight();
}

// ---- regex scan: a backtracking matcher of `.`, `*`, `+`, `?`, classes and literals ----

const ANY: u8 = 1,
  LITERAL: u8 = 2,
  DIGIT: u8 = 3,
  WORD: u8 = 4;
const ONCE: u8 = 0,
  STAR: u8 = 1,
  PLUS: u8 = 2,
  MAYBE: u8 = 3;

class Step {
  constructor(
    public kind: u8,
    public char: u8,
    public repeat: u8,
  ) {}
}

function compileRegex(pattern: string): Step[] {
  const steps: Step[] = [];
  for (let i = 0; i < pattern.length; i++) {
    let c = pattern.charCodeAt(i);
    let kind = LITERAL;
    if (c == 0x2e) kind = ANY;
    else if (c == 0x5c) {
      c = pattern.charCodeAt(++i);
      if (c == 0x64) kind = DIGIT;
      else if (c == 0x77) kind = WORD;
    }
    let repeat = ONCE;
    if (i + 1 < pattern.length) {
      const next = pattern.charCodeAt(i + 1);
      if (next == 0x2a) repeat = STAR;
      else if (next == 0x2b) repeat = PLUS;
      else if (next == 0x3f) repeat = MAYBE;
      if (repeat != ONCE) i++;
    }
    steps.push(new Step(kind, <u8>c, repeat));
  }
  return steps;
}

function isWord(c: u8): bool {
  return (
    (c >= 0x61 && c <= 0x7a) || (c >= 0x41 && c <= 0x5a) || (c >= 0x30 && c <= 0x39) || c == 0x5f || c == 0x2e
  );
}

function accepts(step: Step, c: u8): bool {
  switch (step.kind) {
    case ANY:
      return true;
    case DIGIT:
      return c >= 0x30 && c <= 0x39;
    case WORD:
      return isWord(c);
    default:
      return step.char == c;
  }
}

function matchHere(steps: Step[], index: i32, text: usize, end: usize): usize {
  if (index == steps.length) return text;
  const step = unchecked(steps[index]);
  if (step.repeat == ONCE) {
    if (text >= end || !accepts(step, load<u8>(text))) return 0;
    return matchHere(steps, index + 1, text + 1, end);
  }
  let most = text;
  const limit = step.repeat == MAYBE ? min(text + 1, end) : end;
  while (most < limit && accepts(step, load<u8>(most))) most++;
  const least = step.repeat == PLUS ? text + 1 : text;
  for (let at = most; at >= least; at--) {
    const matched = matchHere(steps, index + 1, at, end);
    if (matched != 0) return matched;
  }
  return 0;
}

const log = String.UTF8.encode(
  '2026-01-02 10:00:00 INFO user=jane.doe@example.org paid with card 4111-1111-1111-1111 at shop-17 \n'.repeat(
    200,
  ),
);
const emails = compileRegex('\\w+@\\w+');
const cards = compileRegex('\\d+-\\d+-\\d+-\\d+');

function countMatches(steps: Step[]): i32 {
  let at = changetype<usize>(log);
  const end = at + log.byteLength;
  let count = 0;
  while (at < end) {
    const matched = matchHere(steps, 0, at, end);
    if (matched != 0) {
      count++;
      at = matched;
    } else at++;
  }
  return count;
}

export function regexScan(): i32 {
  return countMatches(emails) * 1000 + countMatches(cards);
}

// ---- quicksort ----

const COUNT: i32 = 10000;
const numbers = memory.data(40000);

function sort(low: i32, high: i32): void {
  while (low < high) {
    const pivot = load<i32>(numbers + (((low + high) >> 1) << 2));
    let i = low;
    let j = high;
    while (i <= j) {
      while (load<i32>(numbers + (i << 2)) < pivot) i++;
      while (load<i32>(numbers + (j << 2)) > pivot) j--;
      if (i <= j) {
        const swap = load<i32>(numbers + (i << 2));
        store<i32>(numbers + (i << 2), load<i32>(numbers + (j << 2)));
        store<i32>(numbers + (j << 2), swap);
        i++;
        j--;
      }
    }
    if (j - low < high - i) {
      if (low < j) sort(low, j);
      low = i;
    } else {
      if (i < high) sort(i, high);
      high = j;
    }
  }
}

export function quicksort(): i32 {
  let state: u32 = 1;
  for (let i = 0; i < COUNT; i++) {
    state = state * 1664525 + 1013904223;
    store<u32>(numbers + (i << 2), state);
  }
  sort(0, COUNT - 1);
  return load<i32>(numbers + ((COUNT >> 1) << 2));
}
