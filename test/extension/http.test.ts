/** `weir:extension/http` reaches granted origins and no others, and what a request may cost is bounded. */
import { writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CapabilityContract } from '../../host/capability/contract.ts';
import { ComponentError } from '../../host/component/errors.ts';
import { HTTP, hostServices } from '../../host/extension/interfaces.ts';
import { type LoadedExtension, loadExtension } from '../../host/extension/load.ts';
import type { HttpRequest, HttpResponse } from '../../host/extension/services/http.ts';
import { makeComponent } from '../component/make-component.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { witPackage } from './probe.ts';

interface Messenger {
  send(request: HttpRequest): Promise<HttpResponse>;
}

const Messenger: CapabilityContract<Messenger> = {
  name: 'messenger',
  interface: 'test:http/messenger@1.0.0',
  description: 'For tests.',
  functions: { send: hostServices[HTTP]!.send! },
};

/** A guest that hands every request on. */
let bytes: Uint8Array;
const servers: Server[] = [];
const seen: { origin: string; method: string; url: string; headers: IncomingMessage['headers'] }[] = [];
let granted: string;
let other: string;
let forbidden: string;

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer((request, response) => {
    const { method = '', url = '', headers } = request;
    seen.push({ origin, method, url, headers });
    answer(request, response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return origin;
}

beforeAll(async () => {
  bytes = await makeComponent({
    world: 'guest',
    wit: `package test:http@1.0.0;
interface messenger {
  use weir:extension/http@0.1.0.{request, response, failure};
  send: async func(request: request) -> result<response, failure>;
}
world guest { import weir:extension/http@0.1.0; export messenger; }
${await witPackage('extension')}`,
    core: `(module
  (import "weir:extension/http@0.1.0" "send" (func $send (param i32 i32 i32 i32 i32 i32 i32 i32 i32)))
  (memory (export "memory") 200)
  (global $heap (mut i32) (i32.const 1024))
  (func (export "cabi_realloc") (param i32 i32 i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $heap) (i32.const 7)) (i32.const -8)))
    (global.set $heap (i32.add (local.get $at) (local.get $size)))
    (local.get $at))
  (func (export "test:http/messenger@1.0.0#send")
    (param $m i32) (param i32) (param i32) (param i32) (param i32) (param i32) (param i32) (param i32) (result i32)
    (call $send (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4) (local.get 5)
      (local.get 6) (local.get 7) (i32.const 64))
    (i32.const 64)))`,
  });
  forbidden = await serve((_, response) => response.end('secret'));
  other = await serve((request, response) => response.end(`other ${request.method}`));
  granted = await serve((request, response) => {
    const { pathname, searchParams } = new URL(request.url!, 'http://x');
    if (pathname === '/redirect') {
      response
        .writeHead(Number(searchParams.get('status')), { location: searchParams.get('to')! })
        .end('moved');
    } else if (pathname === '/round') response.writeHead(302, { location: '/round' }).end();
    else if (pathname === '/long') response.end(Buffer.alloc(Number(searchParams.get('bytes'))));
    else if (pathname === '/never') response.writeHead(200).write('…');
    else request.pipe(response.writeHead(201, { 'x-answer': ['a', 'b'] }));
  });
});

afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

async function load(): Promise<LoadedExtension> {
  const file = join(await temporaryFolder(), 'messenger.wasm');
  await writeFile(file, bytes);
  return loadExtension(file, { contracts: [Messenger], grants: { http: [granted, other] } });
}

async function send(url: string, wanted: Partial<HttpRequest> = {}): Promise<HttpResponse> {
  const extension = await load();
  seen.length = 0;
  try {
    const request = { method: 'GET', headers: [], body: new Uint8Array(), ...wanted, url };
    return await extension.require(Messenger).send(request);
  } finally {
    extension.stop();
  }
}

/** The `err` that the guest got. */
async function failure(url: string, wanted?: Partial<HttpRequest>): Promise<unknown> {
  const error = await send(url, wanted).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(ComponentError);
  return (error as ComponentError).payload;
}

const text = ({ body }: HttpResponse) => Buffer.from(body).toString();

test('a request goes to a granted origin, and the answer comes back whole', async () => {
  const answer = await send(`${granted}/x?y`, {
    method: 'POST',
    headers: [['x-mine', 'yes']],
    body: Buffer.from('hello'),
  });
  expect([answer.status, text(answer)]).toEqual([201, 'hello']);
  expect(answer.headers.filter(([name]) => name === 'x-answer')).toEqual([
    ['x-answer', 'a'],
    ['x-answer', 'b'],
  ]);
  expect(seen[0]).toMatchObject({ method: 'POST', url: '/x?y', headers: { 'x-mine': 'yes' } });
});

test('another origin is denied and hears nothing', async () => {
  expect(await failure(forbidden)).toEqual({
    tag: 'denied',
    val: `the URL was refused: ${forbidden} is not granted`,
  });
  expect(seen).toEqual([]);
});

describe('a redirect', () => {
  const redirect = (to: string, status = 302) =>
    `${granted}/redirect?status=${status}&to=${encodeURIComponent(to)}`;

  test.each([301, 302, 303, 307, 308])('(%d) to another origin is denied', async (status) => {
    expect(await failure(redirect(forbidden, status))).toMatchObject({
      tag: 'denied',
      val: expect.stringMatching(/^a redirect was refused/),
    });
    expect(seen.map(({ origin }) => origin)).toEqual([granted]);
  });

  test('by way of a granted one is denied at the step that leaves', async () => {
    expect(await failure(redirect(redirect(forbidden)))).toMatchObject({ tag: 'denied' });
    expect(seen.length).toBe(2);
  });

  test('within granted origins is followed, without credentials where the origin changes', async () => {
    const headers = [
      ['Authorization', 'Bearer x'],
      ['cookie', 'a=b'],
      ['x-mine', 'yes'],
    ] as const;
    expect(text(await send(redirect('/again'), { headers }))).toBe('');
    expect(seen[1]!.headers.authorization).toBe('Bearer x');
    expect(text(await send(redirect(other), { headers }))).toBe('other GET');
    expect(seen[0]!.headers).toMatchObject({ authorization: 'Bearer x', cookie: 'a=b' });
    expect(seen[1]!.headers).not.toHaveProperty('authorization');
    expect(seen[1]!.headers).not.toHaveProperty('cookie');
    expect(seen[1]!.headers['x-mine']).toBe('yes');
  });

  test.each([
    [302, 'other GET'],
    [303, 'other GET'],
    [307, 'other POST'],
    [308, 'other POST'],
  ])('(%d) of a POST ends in %s', async (status, answer) => {
    expect(text(await send(redirect(other, status), { method: 'POST', body: Buffer.from('x') }))).toBe(
      answer,
    );
  });

  test('in a circle ends after the twentieth', async () => {
    expect(await failure(`${granted}/round`)).toEqual({ tag: 'failed', val: 'more than 20 redirects' });
    expect(seen.length).toBe(21);
  });
});

test.each<[string, Partial<HttpRequest>, RegExp]>([
  ['CONNECT', { method: 'CONNECT' }, /the method is none of/],
  ['a method in small letters', { method: 'get' }, /the method is none of/],
  ['Host', { headers: [['Host', 'evil.example']] }, /the header Host/],
  ['Transfer-Encoding', { headers: [['Transfer-Encoding', 'chunked']] }, /the header Transfer-Encoding/],
  ['Content-Length', { headers: [['content-length', '1']] }, /the header content-length/],
  ['a header with a line break', { headers: [['x', 'a\r\nhost: b']] }, /malformed/],
  ['a header name with a space', { headers: [['x y', 'a']] }, /malformed/],
  ['65 headers', { headers: Array.from({ length: 65 }, () => ['x', 'y'] as const) }, /at most 64 headers/],
  [
    'a body that is too long',
    { method: 'POST', body: new Uint8Array(4 * 2 ** 20 + 1) },
    /at most 4194304 bytes/,
  ],
])('%s is denied', async (_, wanted, why) => {
  expect(await failure(granted, wanted)).toMatchObject({ tag: 'denied', val: expect.stringMatching(why) });
  expect(seen).toEqual([]);
});

test('a response of 4 MiB is taken, one byte more is not', async () => {
  expect((await send(`${granted}/long?bytes=${4 * 2 ** 20}`)).body.length).toBe(4 * 2 ** 20);
  expect(await failure(`${granted}/long?bytes=${4 * 2 ** 20 + 1}`)).toMatchObject({ tag: 'failed' });
});

test('where nobody listens it fails', async () => {
  const extension = await load();
  const gone = createServer();
  await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(gone.address() as AddressInfo).port}`;
  await new Promise((resolve) => gone.close(resolve));
  extension.stop();
  const file = join(await temporaryFolder(), 'messenger.wasm');
  await writeFile(file, bytes);
  const lonely = await loadExtension(file, { contracts: [Messenger], grants: { http: [origin] } });
  const request = { method: 'GET', url: origin, headers: [], body: new Uint8Array() };
  await expect(lonely.require(Messenger).send(request)).rejects.toMatchObject({ payload: { tag: 'failed' } });
  lonely.stop();
});

test('a request that is never answered ends with its instance', async () => {
  const extension = await load();
  const request = { method: 'GET', url: `${granted}/never`, headers: [], body: new Uint8Array() };
  seen.length = 0;
  const call = extension.require(Messenger).send(request);
  const ended = expect(call).rejects.toMatchObject({ code: 'WEIR_CAPABILITY_UNAVAILABLE' });
  await expect.poll(() => seen.length).toBe(1);
  extension.stop();
  await ended;
});
