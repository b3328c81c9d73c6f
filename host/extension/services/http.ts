/**
 * `weir:extension/http`: requests to the origins that are granted, and to no other: every redirect is
 * judged like the first URL. What a request can cost is bounded: bytes, time, and how many are under way.
 */
import { Agent, request } from 'undici';
import { ComponentError } from '../../component/errors.ts';
import { judgeUrl } from '../../origin.ts';

/** Most bytes of a response's body; and of a request's. */
const BODY_MAX = 4 * 2 ** 20;
/** Most redirects that are followed, as in browsers. */
const REDIRECTS_MAX = 20;
const TIMEOUT_MS = 30_000;
const UNDER_WAY_MAX = 16;
const HEADERS_MAX = 64;

const METHODS = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'] as const;

/** Headers that say where a request goes or how it is framed: the host's to write. */
const HOST_HEADERS =
  /^(connection|content-length|expect|host|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade)$/i;

/** Headers that are meant for one origin alone. */
const CREDENTIALS = /^(authorization|cookie)$/i;

export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array;
}

export type HttpFailure = { readonly tag: 'denied' | 'failed'; readonly val: string };

const denied = (val: string) => new ComponentError<HttpFailure>({ tag: 'denied', val });
const failed = (val: string) => new ComponentError<HttpFailure>({ tag: 'failed', val });

/** The requests of one component instance. They end with it. */
export class HttpService {
  readonly #origins: readonly string[];
  readonly #ended = new AbortController();
  /** Made with the first request. Its connections are nobody else's. */
  #agent: Agent | undefined;
  #underWay = 0;

  /** `origins` are those that are granted, as `parseOrigin` gives them. */
  constructor(origins: readonly string[]) {
    this.#origins = origins;
  }

  readonly imports = {
    send: async (wanted: HttpRequest): Promise<HttpResponse> => {
      if (this.#underWay >= UNDER_WAY_MAX) throw failed(`${UNDER_WAY_MAX} requests are under way already`);
      this.#underWay++;
      try {
        return await this.#send(wanted);
      } finally {
        this.#underWay--;
      }
    },
  };

  /** End what is under way. */
  close(): void {
    this.#ended.abort();
    void this.#agent?.destroy();
  }

  async #send(wanted: HttpRequest): Promise<HttpResponse> {
    const signal = AbortSignal.any([this.#ended.signal, AbortSignal.timeout(TIMEOUT_MS)]);
    let method = checkedMethod(wanted.method);
    let headers = checkedHeaders(wanted.headers);
    let body: Uint8Array | undefined = wanted.body.length === 0 ? undefined : wanted.body;
    if (wanted.body.length > BODY_MAX) throw denied(`a body has at most ${BODY_MAX} bytes`);
    let url = this.#judged(wanted.url);
    for (let redirects = 0; ; redirects++) {
      this.#agent ??= new Agent({ connections: 4 });
      const options = {
        method,
        headers: headers.flat(),
        body: body ?? null,
        signal,
        dispatcher: this.#agent,
      };
      const response = await request(url, options).catch((error: Error) => {
        throw failed(`the request to ${url.origin} failed: ${error.message}`);
      });
      const { statusCode: status } = response;
      const location = response.headers.location;
      if (![301, 302, 303, 307, 308].includes(status) || typeof location !== 'string') {
        return { status, headers: flatHeaders(response.headers), body: await bounded(response.body) };
      }
      await response.body.dump();
      if (redirects === REDIRECTS_MAX) throw failed(`more than ${REDIRECTS_MAX} redirects`);
      const next = this.#judged(location, url);
      if (next.origin !== url.origin) headers = headers.filter(([name]) => !CREDENTIALS.test(name));
      // As browsers do: what was asked for elsewhere is fetched.
      if (status === 303 || (status !== 307 && status !== 308 && method === 'POST')) {
        if (method !== 'HEAD') method = 'GET';
        body = undefined;
        headers = headers.filter(([name]) => !/^content-/i.test(name));
      }
      url = next;
    }
  }

  #judged(text: string, base?: URL): URL {
    const judged = judgeUrl(text, this.#origins, base);
    if (judged.url === undefined)
      throw denied(`${base ? 'a redirect' : 'the URL'} was refused: ${judged.denied}`);
    return judged.url;
  }
}

function checkedMethod(method: string): (typeof METHODS)[number] {
  const known = METHODS.find((one) => one === method);
  if (known === undefined) throw denied(`the method is none of ${METHODS.join(', ')}`);
  return known;
}

function checkedHeaders(headers: HttpRequest['headers']): (readonly [string, string])[] {
  if (headers.length > HEADERS_MAX) throw denied(`a request has at most ${HEADERS_MAX} headers`);
  for (const [name, value] of headers) {
    if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name) || /[\0\r\n]|[^\0-\xff]/.test(value)) {
      throw denied('a header is malformed');
    }
    if (HOST_HEADERS.test(name)) throw denied(`the header ${name} is not the extension's to set`);
  }
  return [...headers];
}

function flatHeaders(headers: NodeJS.Dict<string | string[]>): [string, string][] {
  return Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((one): [string, string] => [name, one.toWellFormed()]),
  );
}

async function bounded(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of body) {
      length += chunk.length;
      if (length > BODY_MAX) break;
      chunks.push(chunk);
    }
  } catch (error) {
    throw failed(`the response broke off: ${(error as Error).message}`);
  }
  if (length > BODY_MAX) throw failed(`the response has more than ${BODY_MAX} bytes`);
  return new Uint8Array(Buffer.concat(chunks));
}
