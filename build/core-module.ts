/**
 * Two small things about a core module's binary: renaming its exports, because AssemblyScript cannot
 * write names with `#` and `:`, and listing what it imports. Everything else is copied as it stands.
 * Its input is what `asc` has just written, so the framing is taken for granted.
 */

const IMPORT_SECTION = 2;
const EXPORT_SECTION = 7;

export interface CoreImport {
  readonly module: string;
  readonly field: string;
}

/** What the module imports, in order. */
export function coreImports(bytes: Uint8Array): CoreImport[] {
  const found: CoreImport[] = [];
  for (const section of sections(bytes)) {
    if (section.id !== IMPORT_SECTION) continue;
    const reader = new Reader(bytes, section.start);
    for (let count = reader.u32(); count > 0; count--) {
      found.push({ module: reader.name(), field: reader.name() });
      reader.skipImportType();
    }
  }
  return found;
}

/** The module with every export in `names` called by the name that stands there; others keep theirs. */
export function renameExports(bytes: Uint8Array, names: ReadonlyMap<string, string>): Uint8Array {
  const parts: Uint8Array[] = [bytes.subarray(0, 8)];
  for (const section of sections(bytes)) {
    if (section.id !== EXPORT_SECTION) {
      parts.push(bytes.subarray(section.header, section.end));
      continue;
    }
    const reader = new Reader(bytes, section.start);
    const body: number[] = [];
    const count = reader.u32();
    pushU32(body, count);
    for (let i = 0; i < count; i++) {
      const name = reader.name();
      const encoded = new TextEncoder().encode(names.get(name) ?? name);
      pushU32(body, encoded.length);
      body.push(...encoded, reader.byte());
      pushU32(body, reader.u32());
    }
    const head: number[] = [EXPORT_SECTION];
    pushU32(head, body.length);
    parts.push(Uint8Array.from([...head, ...body]));
  }
  return Buffer.concat(parts);
}

interface Section {
  readonly id: number;
  /** Offsets: of the id, of the contents, and behind them. */
  readonly header: number;
  readonly start: number;
  readonly end: number;
}

function* sections(bytes: Uint8Array): Generator<Section> {
  for (let header = 8; header < bytes.length; ) {
    const reader = new Reader(bytes, header);
    const id = reader.byte();
    const size = reader.u32();
    const end = reader.at + size;
    yield { id, header, start: reader.at, end };
    header = end;
  }
}

class Reader {
  at: number;
  private readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  byte(): number {
    return this.bytes[this.at++]!;
  }

  u32(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  name(): string {
    const length = this.u32();
    this.at += length;
    return new TextDecoder().decode(this.bytes.subarray(this.at - length, this.at));
  }

  skipImportType(): void {
    const kind = this.byte();
    if (kind === 0) {
      this.u32(); // a function's type
      return;
    }
    if (kind === 1) this.byte(); // a table's element type
    if (kind === 3) {
      this.at += 2; // a global's type and mutability
      return;
    }
    const limits = this.byte();
    this.u32();
    if ((limits & 1) !== 0) this.u32();
  }
}

function pushU32(out: number[], value: number): void {
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) {
      out.push(rest);
      return;
    }
    out.push((rest & 0x7f) | 0x80);
  }
}
