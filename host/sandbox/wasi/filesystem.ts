/**
 * `wasi:filesystem`: the granted folders and what is in them. `beneath.ts` finds what a path means; a
 * folder that is granted for reading is read and nothing else, also through descriptors opened in it.
 *
 * Regular files and folders are opened, nothing else: a device or a named pipe could block the thread.
 * Each call works on the thread, on at most `CHUNK_MAX` bytes.
 */
import { createHash } from 'node:crypto';
import {
  type BigIntStats,
  closeSync,
  constants,
  type Dir,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  futimesSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  opendirSync,
  openSync,
  readlinkSync,
  readSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { ComponentError } from '../../component/errors.ts';
import { WeirError } from '../../errors.ts';
import { sandboxErrors } from '../errors.ts';
import type { FolderGrant } from '../grants.ts';
import { asErrorCode, beneath, O_PATH, openFolder, within } from './beneath.ts';
import type { Datetime } from './clocks.ts';
import type { WasiContext } from './context.ts';
import type { ErrorCode } from './interfaces.ts';
import { CHUNK_MAX, chunk, closed, failed, InputStream, IoError, OutputStream } from './streams.ts';

/** Most files and folders that one instance holds open. */
const OPEN_MAX = 256;

/** 9999-12-31: beyond it file systems differ. */
const LAST_SECOND = 253_402_300_799n;

interface PathFlags {
  readonly symlinkFollow?: boolean;
}

interface OpenFlags {
  readonly create?: boolean;
  readonly directory?: boolean;
  readonly exclusive?: boolean;
  readonly truncate?: boolean;
}

interface DescriptorFlags {
  readonly read?: boolean;
  readonly write?: boolean;
  readonly mutateDirectory?: boolean;
}

type NewTimestamp = { tag: 'no-change' } | { tag: 'now' } | { tag: 'timestamp'; val: Datetime };

const refuse = (code: ErrorCode): never => {
  throw new ComponentError<ErrorCode>(code);
};

/** Do something with files; what the system says becomes an `ErrorCode`. */
function attempt<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw asErrorCode(error);
  }
}

/** A file descriptor of the system, shared by a descriptor and the streams that were made of it. */
class OpenFile implements Disposable {
  readonly #context: WasiContext;
  /** Undefined once it is closed: the system may have given the number to another file by then. */
  #fd: number | undefined;
  #holders = 1;

  constructor(context: WasiContext, fd: number) {
    this.#fd = fd;
    this.#context = context;
    context.keep(this);
  }

  get fd(): number {
    return this.#fd ?? refuse('bad-descriptor');
  }

  shared(): this {
    this.#holders++;
    return this;
  }

  letGo(): void {
    if (--this.#holders > 0) return;
    this.#context.release(this);
    this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }
}

function atOffset(offset: bigint): number {
  if (offset > Number.MAX_SAFE_INTEGER) refuse('file-too-large');
  return Number(offset);
}

function readAt(fd: number, length: number, offset: number): Uint8Array {
  const bytes = new Uint8Array(length);
  return bytes.subarray(0, readSync(fd, bytes, 0, length, offset));
}

/** The error of a stream. */
function streamFailure(error: unknown): unknown {
  const said = asErrorCode(error);
  if (!(said instanceof ComponentError)) return said;
  return failed(new IoError(`the file system said: ${said.payload}`, said.payload as ErrorCode));
}

class FileInput extends InputStream implements Disposable {
  readonly #file: OpenFile;
  #offset: number;

  constructor(context: WasiContext, file: OpenFile, offset: number) {
    super(context);
    this.#file = file.shared();
    this.#offset = offset;
  }

  protected override next(length: number): Uint8Array {
    let bytes: Uint8Array;
    try {
      bytes = readAt(this.#file.fd, length, this.#offset);
    } catch (error) {
      throw streamFailure(error);
    }
    if (bytes.length === 0 && length > 0) throw closed();
    this.#offset += bytes.length;
    return bytes;
  }

  [Symbol.dispose](): void {
    this.#file.letGo();
  }
}

class FileOutput extends OutputStream implements Disposable {
  readonly #file: OpenFile;
  /** Undefined: always at the end. */
  #offset: number | undefined;

  constructor(context: WasiContext, file: OpenFile, offset: number | undefined) {
    super(context);
    this.#file = file.shared();
    this.#offset = offset;
  }

  protected take(bytes: Uint8Array): void {
    const { fd } = this.#file;
    try {
      let at = this.#offset ?? Number(fstatSync(fd).size);
      for (let done = 0; done < bytes.length; ) {
        const written = writeSync(fd, bytes, done, bytes.length - done, at);
        done += written;
        at += written;
      }
      if (this.#offset !== undefined) this.#offset = at;
    } catch (error) {
      throw streamFailure(error);
    }
  }

  [Symbol.dispose](): void {
    this.#file.letGo();
  }
}

/** The resource `directory-entry-stream`. */
class DirectoryEntryStream implements Disposable {
  readonly #context: WasiContext;
  #dir: Dir | undefined;

  constructor(context: WasiContext, dir: Dir) {
    this.#context = context;
    this.#dir = dir;
    context.keep(this);
  }

  readDirectoryEntry(): { type: string; name: string } | undefined {
    const entry = attempt(() => this.#dir?.readSync());
    return entry ? { type: typeOf(entry), name: entry.name.toWellFormed() } : undefined;
  }

  [Symbol.dispose](): void {
    this.#context.release(this);
    this.#dir?.closeSync();
    this.#dir = undefined;
  }
}

interface Kinds {
  isBlockDevice(): boolean;
  isCharacterDevice(): boolean;
  isDirectory(): boolean;
  isFIFO(): boolean;
  isFile(): boolean;
  isSocket(): boolean;
  isSymbolicLink(): boolean;
}

function typeOf(entry: Kinds): string {
  if (entry.isFile()) return 'regular-file';
  if (entry.isDirectory()) return 'directory';
  if (entry.isSymbolicLink()) return 'symbolic-link';
  if (entry.isFIFO()) return 'fifo';
  if (entry.isSocket()) return 'socket';
  if (entry.isBlockDevice()) return 'block-device';
  return entry.isCharacterDevice() ? 'character-device' : 'unknown';
}

function datetime(ns: bigint): Datetime {
  const seconds = ns > 0n ? ns / 1_000_000_000n : 0n;
  return { seconds, nanoseconds: ns > 0n ? Number(ns % 1_000_000_000n) : 0 };
}

function descriptorStat(stat: BigIntStats) {
  return {
    type: typeOf(stat),
    linkCount: stat.nlink,
    size: stat.size,
    dataAccessTimestamp: datetime(stat.atimeNs),
    dataModificationTimestamp: datetime(stat.mtimeNs),
    statusChangeTimestamp: datetime(stat.ctimeNs),
  };
}

function metadataHash(stat: BigIntStats): { lower: bigint; upper: bigint } {
  const text = `${stat.dev} ${stat.ino} ${stat.size} ${stat.mtimeNs}`;
  const digest = createHash('sha256').update(text).digest();
  return { lower: digest.readBigUInt64LE(0), upper: digest.readBigUInt64LE(8) };
}

/** Seconds since the epoch, for the `utimes` family. */
function seconds(time: NewTimestamp, before: bigint, now: number): number {
  if (time.tag === 'no-change') return Number(before) / 1e9;
  if (time.tag === 'now') return now / 1000;
  if (time.val.seconds > LAST_SECOND) return refuse('overflow');
  return Number(time.val.seconds) + time.val.nanoseconds / 1e9;
}

/** The resource `descriptor`: an open folder or an open regular file. */
class Descriptor implements Disposable {
  readonly #context: WasiContext;
  readonly #file: OpenFile;
  readonly #isFolder: boolean;
  /** What it was opened for; of a folder, what may be done in it. */
  readonly #read: boolean;
  readonly #write: boolean;

  constructor(
    context: WasiContext,
    fd: number,
    isFolder: boolean,
    access: { read: boolean; write: boolean },
  ) {
    this.#context = context;
    this.#file = new OpenFile(context, fd);
    this.#isFolder = isFolder;
    this.#read = access.read;
    this.#write = access.write;
  }

  [Symbol.dispose](): void {
    this.#file.letGo();
  }

  readViaStream(offset: bigint): InputStream {
    const file = this.#readable();
    return new FileInput(this.#context, file, atOffset(offset));
  }

  writeViaStream(offset: bigint): OutputStream {
    const file = this.#writable();
    return new FileOutput(this.#context, file, atOffset(offset));
  }

  appendViaStream(): OutputStream {
    return new FileOutput(this.#context, this.#writable(), undefined);
  }

  advise(): void {}

  syncData(): void {
    if (!this.#isFolder) attempt(() => fdatasyncSync(this.#file.fd));
  }

  sync(): void {
    if (!this.#isFolder) attempt(() => fsyncSync(this.#file.fd));
  }

  getFlags(): Required<DescriptorFlags> & Record<string, boolean> {
    const inFolder = this.#isFolder && this.#write;
    return {
      read: this.#read,
      write: this.#write && !this.#isFolder,
      fileIntegritySync: false,
      dataIntegritySync: false,
      requestedWriteSync: false,
      mutateDirectory: inFolder,
    };
  }

  getType(): string {
    return this.#isFolder ? 'directory' : 'regular-file';
  }

  setSize(size: bigint): void {
    const { fd } = this.#writable();
    attempt(() => ftruncateSync(fd, atOffset(size)));
  }

  setTimes(access: NewTimestamp, modification: NewTimestamp): void {
    if (!this.#write) refuse('not-permitted');
    const { fd } = this.#file;
    const [atime, mtime] = this.#times(fd, access, modification);
    attempt(() =>
      this.#isFolder ? utimesSync(within(fd, '.'), atime, mtime) : futimesSync(fd, atime, mtime),
    );
  }

  read(length: bigint, offset: bigint): [Uint8Array, boolean] {
    const { fd } = this.#readable();
    const bytes = attempt(() => readAt(fd, chunk(length), atOffset(offset)));
    return [bytes, bytes.length === 0 && length > 0n];
  }

  write(bytes: Uint8Array, offset: bigint): bigint {
    const { fd } = this.#writable();
    const length = Math.min(bytes.length, CHUNK_MAX);
    return BigInt(attempt(() => writeSync(fd, bytes, 0, length, atOffset(offset))));
  }

  readDirectory(): DirectoryEntryStream {
    const folder = this.#folder();
    this.#checkRoom();
    return new DirectoryEntryStream(
      this.#context,
      attempt(() => opendirSync(within(folder, '.'))),
    );
  }

  createDirectoryAt(path: string): void {
    this.#change(path, (folder, name) => mkdirSync(within(folder, name)));
  }

  stat(): ReturnType<typeof descriptorStat> {
    return descriptorStat(attempt(() => fstatSync(this.#file.fd, { bigint: true })));
  }

  statAt(flags: PathFlags, path: string): ReturnType<typeof descriptorStat> {
    return descriptorStat(this.#statOf(flags, path));
  }

  setTimesAt(flags: PathFlags, path: string, access: NewTimestamp, modification: NewTimestamp): void {
    this.#change(
      path,
      (folder, name) => {
        const fd = openSync(within(folder, name), O_PATH | constants.O_NOFOLLOW);
        try {
          const [atime, mtime] = this.#times(fd, access, modification);
          lutimesSync(within(folder, name), atime, mtime);
        } finally {
          closeSync(fd);
        }
      },
      flags.symlinkFollow === true,
    );
  }

  /** Both ends must be writable: a link from a folder for reading would be a way to write to what is in it. */
  linkAt(flags: PathFlags, oldPath: string, target: Descriptor, newPath: string): void {
    if (flags.symlinkFollow === true) refuse('invalid');
    this.#change(oldPath, (oldFolder, oldName) =>
      target.#change(newPath, (newFolder, newName) =>
        linkSync(within(oldFolder, oldName), within(newFolder, newName)),
      ),
    );
  }

  openAt(pathFlags: PathFlags, path: string, openFlags: OpenFlags, flags: DescriptorFlags): Descriptor {
    const changes = flags.write || flags.mutateDirectory || openFlags.create || openFlags.truncate;
    if (changes === true && !this.#write) refuse('not-permitted');
    if (openFlags.create && openFlags.directory) refuse('invalid');
    this.#checkRoom();
    return beneath(this.#folder(), path, pathFlags.symlinkFollow === true, (folder, name) => {
      if (openFlags.create) {
        const made = this.#create(within(folder, name), openFlags.exclusive === true);
        if (made !== undefined) return this.#opened(made, false, flags);
      }
      return this.#openExisting(within(folder, name), openFlags, flags);
    });
  }

  readlinkAt(path: string): string {
    const target = beneath(this.#folder(), path, false, (folder, name) => readlinkSync(within(folder, name)));
    // Where the host keeps things is nothing to tell a guest.
    return target.startsWith('/') ? refuse('not-permitted') : target.toWellFormed();
  }

  removeDirectoryAt(path: string): void {
    this.#change(path, (folder, name) => rmdirSync(within(folder, name)));
  }

  renameAt(oldPath: string, target: Descriptor, newPath: string): void {
    this.#change(oldPath, (oldFolder, oldName) =>
      target.#change(newPath, (newFolder, newName) =>
        renameSync(within(oldFolder, oldName), within(newFolder, newName)),
      ),
    );
  }

  symlinkAt(target: string, path: string): void {
    if (target.startsWith('/')) refuse('not-permitted');
    if (target === '' || target.includes('\0')) refuse('invalid');
    this.#change(path, (folder, name) => symlinkSync(target, within(folder, name)));
  }

  unlinkFileAt(path: string): void {
    this.#change(path, (folder, name) => unlinkSync(within(folder, name)));
  }

  isSameObject(other: Descriptor): boolean {
    const [mine, its] = [this, other].map((one) => fstatSync(one.#file.fd, { bigint: true }));
    return mine!.dev === its!.dev && mine!.ino === its!.ino;
  }

  metadataHash(): { lower: bigint; upper: bigint } {
    return metadataHash(attempt(() => fstatSync(this.#file.fd, { bigint: true })));
  }

  metadataHashAt(flags: PathFlags, path: string): { lower: bigint; upper: bigint } {
    return metadataHash(this.#statOf(flags, path));
  }

  #folder(): number {
    return this.#isFolder ? this.#file.fd : refuse('not-directory');
  }

  #readable(): OpenFile {
    if (this.#isFolder) refuse('is-directory');
    return this.#read ? this.#file : refuse('bad-descriptor');
  }

  #writable(): OpenFile {
    if (this.#isFolder) refuse('is-directory');
    return this.#write ? this.#file : refuse('bad-descriptor');
  }

  /** Do something that changes what is at `path`. */
  #change(path: string, action: (folder: number, name: string) => void, follow = false): void {
    const folder = this.#folder();
    if (!this.#write) refuse('not-permitted');
    beneath(folder, path, follow, action);
  }

  #statOf(flags: PathFlags, path: string): BigIntStats {
    return beneath(this.#folder(), path, flags.symlinkFollow === true, (folder, name) => {
      const fd = openSync(within(folder, name), O_PATH | constants.O_NOFOLLOW);
      try {
        return fstatSync(fd, { bigint: true });
      } finally {
        closeSync(fd);
      }
    });
  }

  #times(fd: number, access: NewTimestamp, modification: NewTimestamp): [number, number] {
    const before = attempt(() => fstatSync(fd, { bigint: true }));
    const now = this.#context.clock.now();
    return [seconds(access, before.atimeNs, now), seconds(modification, before.mtimeNs, now)];
  }

  /** A new, empty file; undefined when there is something by that name already. */
  #create(path: string, exclusive: boolean): number | undefined {
    try {
      return openSync(
        path,
        constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW | constants.O_RDWR,
        0o666,
      );
    } catch (error) {
      if (!exclusive && (error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
      throw error;
    }
  }

  /** The place first, then what is there, once it is known to be harmless: the same object, whatever its name is by then. */
  #openExisting(path: string, openFlags: OpenFlags, flags: DescriptorFlags): Descriptor {
    const place = openSync(path, O_PATH | constants.O_NOFOLLOW);
    let kept = false;
    try {
      const stat = fstatSync(place);
      if (stat.isSymbolicLink()) refuse('loop');
      if (stat.isDirectory()) {
        if (flags.write || openFlags.truncate) refuse('is-directory');
        kept = true;
        return this.#opened(place, true, { read: true, write: this.#write });
      }
      if (openFlags.directory) refuse('not-directory');
      if (!stat.isFile()) refuse('not-permitted');
      const writes = flags.write === true || openFlags.truncate === true;
      const access = !writes ? constants.O_RDONLY : flags.read ? constants.O_RDWR : constants.O_WRONLY;
      const truncate = openFlags.truncate ? constants.O_TRUNC : 0;
      return this.#opened(openSync(`/proc/self/fd/${place}`, access | truncate), false, flags);
    } finally {
      if (!kept) closeSync(place);
    }
  }

  #opened(fd: number, isFolder: boolean, flags: DescriptorFlags): Descriptor {
    const access = { read: flags.read === true, write: flags.write === true };
    return new Descriptor(this.#context, fd, isFolder, access);
  }

  #checkRoom(): void {
    if (this.#context.open >= OPEN_MAX) refuse('quota');
  }
}

/** The interfaces of `wasi:filesystem`. */
export function filesystem(context: WasiContext) {
  const filesystemErrorCode = (error: IoError): ErrorCode | undefined => error.code;
  return {
    types: { Descriptor, DirectoryEntryStream, filesystemErrorCode },
    preopens: {
      getDirectories: () =>
        context.grants.fs.map((grant) => [preopened(context, grant), grant.name] as const),
    },
  };
}

function preopened(context: WasiContext, { path, mode }: FolderGrant): Descriptor {
  if (process.platform !== 'linux') {
    throw new WeirError(
      sandboxErrors.WEIR_SANDBOX_FOLDER,
      `the folder ${path} is granted, and on ${process.platform} no guest can be kept within a folder`,
      { hint: 'run this extension on Linux, or do without the grant' },
    );
  }
  let fd: number;
  try {
    fd = openFolder(path);
  } catch (cause) {
    throw new WeirError(
      sandboxErrors.WEIR_SANDBOX_FOLDER,
      `the folder ${path}, which is granted, cannot be opened: ${(cause as Error).message}`,
      { cause, hint: 'make the folder, or correct the path in `grants`' },
    );
  }
  return new Descriptor(context, fd, true, { read: true, write: mode === 'write' });
}
