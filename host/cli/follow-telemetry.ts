/** Reads what a `file` exporter appends, as it is appended: one log record at a time. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

export interface StoredRecord {
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface Following {
  /** Read what is there and read no more. */
  stop(): Promise<void>;
}

const LOOK_EVERY_MS = 100;

/** Call `take` for each log record that is appended to the OTLP/JSON lines at `path` from now on. */
export function followTelemetry(path: string, take: (record: StoredRecord) => void): Following {
  const file = openSync(path, 'a+');
  let offset = fstatSync(file).size;
  let rest = Buffer.alloc(0);
  const look = () => {
    const { size } = fstatSync(file);
    if (size <= offset) return;
    const chunk = Buffer.alloc(size - offset);
    offset += readSync(file, chunk, 0, chunk.length, offset);
    rest = Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10)) {
      for (const record of recordsOf(JSON.parse(rest.subarray(0, end).toString()))) take(record);
      rest = rest.subarray(end + 1);
    }
  };
  const timer = setInterval(look, LOOK_EVERY_MS);
  return {
    async stop() {
      clearInterval(timer);
      look();
      closeSync(file);
    },
  };
}

interface AnyValue {
  readonly stringValue?: string;
  readonly [other: string]: unknown;
}

interface LogsRequest {
  readonly resourceLogs?: readonly {
    readonly scopeLogs?: readonly {
      readonly logRecords?: readonly {
        readonly body?: AnyValue;
        readonly attributes?: readonly { readonly key: string; readonly value?: AnyValue }[];
      }[];
    }[];
  }[];
}

function* recordsOf(request: LogsRequest): Generator<StoredRecord> {
  for (const { scopeLogs = [] } of request.resourceLogs ?? []) {
    for (const { logRecords = [] } of scopeLogs) {
      for (const { body, attributes = [] } of logRecords) {
        yield {
          body: textOf(body),
          attributes: Object.fromEntries(attributes.map(({ key, value }) => [key, textOf(value)])),
        };
      }
    }
  }
}

function textOf(value: AnyValue | undefined): string {
  return value === undefined ? '' : String(value.stringValue ?? Object.values(value)[0] ?? '');
}
