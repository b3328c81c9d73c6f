/**
 * A file of JSON lines that is valid at all times: a line that could not be written whole is taken away
 * again, at once or, after a crash, when the file is next opened. Rotates by size.
 *
 * One user at a time: who calls `append` waits for it.
 */
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { WeirError } from '../../errors.ts';
import { nodeErrors } from '../errors.ts';

export interface Rotation {
  /** A file that would grow beyond this is put aside first. */
  readonly max_bytes: number;
  /** How many files that were put aside are kept. */
  readonly max_files: number;
}

/** Files in use on this thread: two writers would cut each other's lines. */
const inUse = new Set<string>();

const NEWLINE = 0x0a;

export class JsonLinesFile {
  readonly path: string;
  readonly #rotation: Rotation | undefined;
  #handle: FileHandle | undefined;
  /** The end of the last whole line. */
  #size = 0;
  /** False for devices and pipes, which have no size to cut to. */
  #regular = true;
  #opened = false;

  constructor(path: string, rotation: Rotation | undefined) {
    this.path = path;
    this.#rotation = rotation;
  }

  /**
   * Open the file, making it and its folders if need be, and take away what a crash left of a line.
   * @returns how many bytes were taken away
   * @throws WeirError `WEIR_NODE_FILE`
   */
  async open(): Promise<{ cutBytes: number }> {
    if (inUse.has(this.path)) {
      throw new WeirError(nodeErrors.WEIR_NODE_FILE, `${this.path} is written by another exporter`, {
        hint: 'Give each file exporter a path of its own.',
      });
    }
    let cutBytes: number;
    try {
      await mkdir(dirname(this.path), { recursive: true });
      cutBytes = await this.#reopen();
    } catch (error) {
      if (error instanceof WeirError) throw error;
      const message = `cannot open ${this.path}: ${(error as Error).message}`;
      throw new WeirError(nodeErrors.WEIR_NODE_FILE, message, {
        cause: error,
        hint: 'Check that the path is a file which may be written.',
      });
    }
    inUse.add(this.path);
    this.#opened = true;
    return { cutBytes };
  }

  /**
   * Append lines (each ends in a line break), all or none. After a failure the file is as it was, and
   * the next call tries afresh.
   * @param sync wait until they are on the disk
   */
  async append(lines: readonly string[], sync: boolean): Promise<void> {
    const bytes = Buffer.from(lines.join(''));
    if (this.#handle === undefined) await this.#reopen();
    if (
      this.#rotation !== undefined &&
      this.#size > 0 &&
      this.#size + bytes.length > this.#rotation.max_bytes
    ) {
      await this.#rotate(this.#rotation.max_files);
    }
    try {
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await this.#handle!.write(bytes, done);
        done += bytesWritten;
      }
      if (sync) await this.sync();
    } catch (error) {
      await this.#takeBack();
      throw error;
    }
    this.#size += bytes.length;
  }

  async sync(): Promise<void> {
    try {
      await this.#handle?.datasync();
    } catch (error) {
      // Devices cannot be forced.
      if (this.#regular) throw error;
    }
  }

  async close(): Promise<void> {
    if (this.#opened) inUse.delete(this.path);
    this.#opened = false;
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  /** @returns how many bytes of a half line were taken away */
  async #reopen(): Promise<number> {
    // Reading is needed to find the end of the last line; devices may allow none.
    const handle = await open(this.path, 'a+').catch(() => open(this.path, 'a'));
    try {
      const stat = await handle.stat();
      this.#regular = stat.isFile();
      this.#size = this.#regular ? await endOfLastLine(handle, stat.size, this.path) : 0;
      if (this.#regular && this.#size < stat.size) await handle.truncate(this.#size);
      this.#handle = handle;
      return this.#regular ? stat.size - this.#size : 0;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** After a failed write: cut to the last whole line, or else open afresh next time, which cuts too. */
  async #takeBack(): Promise<void> {
    if (!this.#regular) return;
    const handle = this.#handle!;
    try {
      await handle.truncate(this.#size);
    } catch {
      this.#handle = undefined;
      await handle.close().catch(() => {});
    }
  }

  async #rotate(maxFiles: number): Promise<void> {
    const handle = this.#handle!;
    this.#handle = undefined;
    await handle.datasync();
    await handle.close();
    await rm(`${this.path}.${maxFiles}`, { force: true });
    for (let i = maxFiles - 1; i >= 0; i--) {
      const from = i === 0 ? this.path : `${this.path}.${i}`;
      await rename(from, `${this.path}.${i + 1}`).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
      });
    }
    await this.#reopen();
  }
}

/** Where the last line break is, plus one. @throws WeirError `WEIR_NODE_FILE` when the rest is no line of ours */
async function endOfLastLine(handle: FileHandle, size: number, path: string): Promise<number> {
  const step = 64 * 1024;
  let tail = Buffer.alloc(0);
  for (let start = size; start > 0; ) {
    const from = Math.max(0, start - step);
    const chunk = Buffer.alloc(start - from);
    await handle.read(chunk, 0, chunk.length, from);
    const at = chunk.lastIndexOf(NEWLINE);
    tail = Buffer.concat([chunk.subarray(at + 1), tail]);
    if (at >= 0) return from + at + 1 < size ? ours(tail, from + at + 1, path) : size;
    start = from;
  }
  return size === 0 ? 0 : ours(tail, 0, path);
}

/** Only what looks like the beginning of an OTLP line is cut away; anything else is somebody's file. */
function ours(tail: Buffer, end: number, path: string): number {
  const beginning = '{"resource';
  if (beginning.startsWith(tail.toString('latin1', 0, beginning.length))) return end;
  throw new WeirError(nodeErrors.WEIR_NODE_FILE, `${path} does not end with a whole line of OTLP JSON`, {
    hint: 'Name another path, or move this file away.',
  });
}
