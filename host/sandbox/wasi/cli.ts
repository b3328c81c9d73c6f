/**
 * `wasi:cli`. A guest sees the variables that are granted, no arguments, no working directory, no
 * terminal, and an input that has ended. What it prints goes to the log, a line at a time, or to the
 * process where `stdout` is granted.
 */
import { WeirError } from '../../errors.ts';
import { sandboxErrors } from '../errors.ts';
import type { WasiContext } from './context.ts';
import { InputStream, OutputStream } from './streams.ts';

/** Longest line, characters; what goes on is a line of its own. */
const LINE_MAX = 8192;

class LineStream extends OutputStream implements Disposable {
  readonly #context: WasiContext;
  readonly #name: 'stdout' | 'stderr';
  readonly #decoder = new TextDecoder();
  #line = '';

  constructor(context: WasiContext, name: 'stdout' | 'stderr') {
    super(context);
    this.#context = context;
    this.#name = name;
  }

  protected take(bytes: Uint8Array): void {
    const parts = (this.#line + this.#decoder.decode(bytes, { stream: true })).split('\n');
    this.#line = parts.pop()!;
    for (const part of parts) this.#write(part);
    while (this.#line.length > LINE_MAX) {
      this.#write(this.#line.slice(0, LINE_MAX));
      this.#line = this.#line.slice(LINE_MAX);
    }
  }

  /** What stands in a line that was never ended. */
  [Symbol.dispose](): void {
    if (this.#line !== '') this.#write(this.#line);
    this.#line = '';
  }

  #write(line: string): void {
    const text = line.endsWith('\r') ? line.slice(0, -1) : line;
    if (text !== '') this.#context.writeLine(this.#name, text);
  }
}

class ProcessStream extends OutputStream {
  readonly #stream: NodeJS.WriteStream;

  constructor(context: WasiContext, stream: NodeJS.WriteStream) {
    super(context);
    this.#stream = stream;
  }

  protected take(bytes: Uint8Array): void {
    this.#stream.write(bytes);
  }
}

/** The output of one instance: every stream that the guest asks for writes to the same line. */
function output(context: WasiContext, name: 'stdout' | 'stderr'): () => OutputStream {
  if (context.grants.stdout) return () => new ProcessStream(context, process[name]);
  const lines = new LineStream(context, name);
  context.keep(lines);
  return () => new SharedStream(context, lines);
}

/** A guest that drops its stream does not end the line that it shares with another. */
class SharedStream extends OutputStream {
  readonly #target: OutputStream;

  constructor(context: WasiContext, target: OutputStream) {
    super(context);
    this.#target = target;
  }

  protected take(bytes: Uint8Array): void {
    this.#target.write(bytes);
  }
}

class TerminalInput {}
class TerminalOutput {}

/** The interfaces of `wasi:cli`, by name without package. */
export function cli(context: WasiContext) {
  const exit = (how: string): never => {
    throw new WeirError(sandboxErrors.WEIR_SANDBOX_GUEST_EXIT, `the guest called exit (${how})`);
  };
  return {
    environment: {
      getEnvironment: (): [string, string][] =>
        context.grants.env
          .filter((name) => Object.hasOwn(process.env, name))
          .map((name) => [name, process.env[name]!.toWellFormed()]),
      getArguments: (): string[] => [],
      initialCwd: (): string | undefined => undefined,
    },
    exit: {
      exit: (status: { tag: 'ok' | 'err' }) => exit(status.tag === 'ok' ? 'success' : 'failure'),
      exitWithCode: (code: number) => exit(`code ${code}`),
    },
    stdin: { getStdin: () => new InputStream(context) },
    stdout: { getStdout: output(context, 'stdout') },
    stderr: { getStderr: output(context, 'stderr') },
    'terminal-input': { TerminalInput },
    'terminal-output': { TerminalOutput },
    'terminal-stdin': { getTerminalStdin: (): undefined => undefined },
    'terminal-stdout': { getTerminalStdout: (): undefined => undefined },
    'terminal-stderr': { getTerminalStderr: (): undefined => undefined },
  };
}
