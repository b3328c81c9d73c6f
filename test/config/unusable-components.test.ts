/** With the real provider loader and the real node types: what an operator sees of a file that is no extension. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from '../../host/config/load.ts';
import { loadProvider } from '../../host/extension/provider.ts';
import { nodeTypes } from '../../host/nodes/index.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { underlined } from './subject.ts';

const CORE_MODULE = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const EMPTY_COMPONENT = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00];

test.each([
  ['a core module', CORE_MODULE, /core module/],
  ['an empty file', [], /./],
  ['some text', [...Buffer.from('hello, world')], /./],
  ['a truncated component', [...EMPTY_COMPONENT, 0x01, 0x50, 0x00], /byte/],
  ['a component that offers nothing', EMPTY_COMPONENT, /./],
])('%s is one error at its path', async (_, bytes, message) => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'guest.wasm'), Uint8Array.from(bytes));
  const text = `version: weir/v1
groups:
  default:
    pipelines:
      main:
        extensions:
          g: { wasm: guest.wasm }
        nodes:
          in: { type: receiver:otlp }
          red: { type: processor:wasm, guest: g }
          out: { type: exporter:noop }
        connections: [{ from: in, to: red }, { from: red, to: out }]
`;
  const { errors } = await loadConfig(
    { text, file: join(folder, 'pipelines.yaml') },
    { nodeTypes, describeProvider: (wasm, limits) => loadProvider(wasm, undefined, limits) },
  );
  expect(underlined(errors ?? [])).toEqual([expect.stringMatching(/^\w+ guest\.wasm$/)]);
  expect(errors![0]).toMatchObject({
    position: { line: 7, column: 22 },
    message: expect.stringMatching(message),
  });
  expect(errors![0]!.message).toMatch(/guest\.wasm cannot be used: /);
});
