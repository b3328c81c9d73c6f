/** What is measured: core modules, and what to call in an instance of each. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildGuest } from '../../../build/guest.ts';
import { decodeComponent } from '../../../host/component/decode/component.ts';
import { officialRequest } from '../../opentelemetry-proto/definitions.ts';

export type Group = 'kernel' | 'application';

export interface Program {
  readonly case: string;
  readonly group: Group;
  readonly module: Uint8Array<ArrayBuffer>;
  /** The work, in an instance. What it returns depends on all of it. */
  work(exports: WebAssembly.Exports): () => unknown;
}

/** What is used of `assemblyscript/asc`, whose own types declare globals of AssemblyScript's. */
interface Asc {
  main(
    args: readonly string[],
    files: {
      readFile(name: string): string | null;
      writeFile(name: string, contents: unknown): void;
      listFiles(): string[];
    },
  ): Promise<{ error: Error | null; stderr: { toString(): string } }>;
}

const root = join(import.meta.dirname, '../../..');

export async function programs(): Promise<Program[]> {
  const kernels = await compile('kernels');
  const applications = await compile('applications');
  const called = (
    group: Group,
    module: Uint8Array<ArrayBuffer>,
    name: string,
    exported: string,
  ): Program => ({
    case: name,
    group,
    module,
    work: (exports) => exports[exported] as WebAssembly.ExportedFunction,
  });
  return [
    called('kernel', kernels, 'byte hash', 'byteHash'),
    called('kernel', kernels, 'histogram', 'histogram'),
    called('kernel', kernels, 'memcpy loop', 'memcpyLoop'),
    called('kernel', kernels, 'hash table', 'hashTable'),
    called('kernel', kernels, 'matmul', 'matmul'),
    called('kernel', kernels, 'fib', 'fib'),
    called('application', applications, 'json parse', 'jsonParse'),
    called('application', applications, 'sha256', 'sha256'),
    called('application', applications, 'regex scan', 'regexScan'),
    called('application', applications, 'quicksort', 'quicksort'),
    await redact(),
  ];
}

/** A module of `assembly/`, compiled as guests are. */
async function compile(name: string): Promise<Uint8Array<ArrayBuffer>> {
  const source = readFileSync(join(import.meta.dirname, 'assembly', `${name}.ts`), 'utf8');
  let binary: Uint8Array | undefined;
  const { main }: Asc = await import('assemblyscript/asc' as string);
  const { error, stderr } = await main(
    ['module.ts', '--outFile', 'module.wasm', '-O3', '--runtime', 'incremental', '--use', 'abort='],
    {
      readFile: (file) => (file === 'module.ts' ? source : null),
      writeFile(file, contents) {
        if (file === 'module.wasm') binary = contents as Uint8Array;
      },
      listFiles: () => [],
    },
  );
  if (error !== null || binary === undefined) throw new TypeError(`${name}: ${stderr.toString()}`);
  return new Uint8Array(binary);
}

/** The redact guest's core module, called through the canonical ABI by hand. */
async function redact(): Promise<Program> {
  const { bytes } = await buildGuest(join(root, 'guests/redact'));
  const [module] = decodeComponent(bytes)
    .definitions.filter((definition) => definition.kind === 'core module')
    .map((definition) => new Uint8Array(definition.bytes));
  const batch = logs(500);
  return {
    case: 'redact otlp batch',
    group: 'application',
    module: module!,
    work(exports) {
      const call = (name: string, ...args: number[]) =>
        (exports[name] as WebAssembly.ExportedFunction)(...args) as number;
      const memory = exports.memory as WebAssembly.Memory;
      const give = (given: Uint8Array) => {
        const pointer = call('cabi_realloc', 0, 0, 2, given.length);
        new Uint8Array(memory.buffer).set(given, pointer);
        return pointer;
      };
      call('_initialize');
      // AssemblyScript's strings are UTF-16.
      const settings = Buffer.from('{}', 'utf16le');
      const configured = call(
        'weir:extension/configured@0.1.0#configure',
        give(settings),
        settings.length / 2,
      );
      if (new Uint8Array(memory.buffer)[configured] !== 0) throw new TypeError('redact refuses its settings');
      call('cabi_post_weir:extension/configured@0.1.0#configure', configured);
      const name = 'weir:processor/processor@0.1.0#process';
      return () => {
        const result = call(name, 0, give(batch), batch.length);
        // result ok, outcome forward: pointer and length.
        const view = new DataView(memory.buffer);
        const length =
          view.getUint8(result) === 0 && view.getUint8(result + 4) === 0
            ? view.getUint32(result + 12, true)
            : -1;
        call(`cabi_post_${name}`, result);
        return length;
      };
    },
  };
}

/** An OTLP logs request as services send them; in one record of five there is something to mask. */
function logs(records: number): Uint8Array {
  const text = (stringValue: string) => ({ stringValue });
  const logRecords = Array.from({ length: records }, (_, index) => ({
    timeUnixNano: 1_760_000_000_000_000_000 + index,
    severityNumber: 9,
    severityText: 'INFO',
    body: text(
      index % 5 === 0
        ? `order ${index} of jane.doe@example.org was paid with 4111 1111 1111 1111`
        : `GET /orders/${index} answered 200 in ${index % 97} ms, 1432 bytes, cache hit`,
    ),
    attributes: [
      { key: 'http.request.method', value: text('GET') },
      { key: 'url.path', value: text(`/orders/${index}`) },
      { key: 'http.response.status_code', value: { intValue: 200 } },
    ],
  }));
  const request = {
    resourceLogs: [
      {
        resource: { attributes: [{ key: 'service.name', value: text('checkout') }] },
        scopeLogs: [{ scope: { name: 'http' }, logRecords }],
      },
    ],
  };
  return officialRequest.logs.encode(officialRequest.logs.fromObject(request)).finish();
}
