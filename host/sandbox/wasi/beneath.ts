/**
 * Paths beneath an open folder, resolved one name at a time, so that none leads out of it: not `..`, not a
 * symbolic link (whoever made it, and even if it is put in place while we look), not an absolute path.
 *
 * Every step opens one name in a folder that is open already, by `/proc/self/fd/N/name`, and does not
 * follow links: the kernel's `openat` with `O_NOFOLLOW`, which Node does not have. Links are read and
 * resolved here. What is found is used through that same open folder, so nothing that is renamed or
 * replaced meanwhile can redirect it. This needs Linux; elsewhere no folder is granted.
 */
import { closeSync, constants, openSync, readlinkSync } from 'node:fs';
import { ComponentError } from '../../component/errors.ts';
import type { ErrorCode } from './interfaces.ts';

/** Opens a place in the tree, not what is there: neither reads it nor, for a device or a pipe, has any effect. */
export const O_PATH = 0o10000000;

/** The kernel's own bounds. */
const LINKS_MAX = 40;
const PATH_MAX = 4096;

const FOLDER = O_PATH | constants.O_DIRECTORY;

/** The path of `name` in the folder that is open as `fd`. */
export function within(fd: number, name: string): string {
  return `/proc/self/fd/${fd}/${name}`;
}

/** Open the folder at `path`, as a place. @throws what `openSync` throws */
export function openFolder(path: string): number {
  return openSync(path, FOLDER);
}

/**
 * Find the folder that holds what `path` names, beneath the open folder `root`, and do something there.
 * `name` is one name, without slashes; `.` where the path leads to a folder by way of `.` or `..`.
 * The folder is open during `action` alone. With `follow` a link at the end of the path is followed.
 *
 * @throws ComponentError with an `ErrorCode`; what `action` throws
 */
export function beneath<T>(
  root: number,
  path: string,
  follow: boolean,
  action: (folder: number, name: string) => T,
): T {
  const names = namesOf(path);
  /** Folders that were entered, below `root`; `..` leaves the last. */
  const entered: number[] = [];
  let links = 0;
  const expand = (target: string): void => {
    if (++links > LINKS_MAX) throw new ComponentError<ErrorCode>('loop');
    names.unshift(...namesOf(target));
  };
  try {
    for (;;) {
      const here = entered.at(-1) ?? root;
      const name = names.shift() ?? '.';
      const isLast = names.length === 0;
      if (name === '..') {
        const left = entered.pop();
        if (left === undefined) throw new ComponentError<ErrorCode>('not-permitted');
        closeSync(left);
        if (isLast) return action(entered.at(-1) ?? root, '.');
      } else if (name === '.') {
        if (isLast) return action(here, '.');
      } else if (isLast) {
        const target = follow ? linkTarget(here, name) : undefined;
        if (target === undefined) return action(here, name);
        expand(target);
      } else {
        const target = enter(here, name, entered);
        if (target !== undefined) expand(target);
      }
    }
  } catch (error) {
    throw asErrorCode(error);
  } finally {
    for (const fd of entered) closeSync(fd);
  }
}

/** The names of a relative path; one that ends in a slash ends in `.`, for it means a folder. */
function namesOf(path: string): string[] {
  if (path === '') throw new ComponentError<ErrorCode>('no-entry');
  if (path.length > PATH_MAX) throw new ComponentError<ErrorCode>('name-too-long');
  if (path.includes('\0')) throw new ComponentError<ErrorCode>('invalid');
  if (path.startsWith('/')) throw new ComponentError<ErrorCode>('not-permitted');
  const names = path.split('/').filter((name) => name !== '');
  if (path.endsWith('/')) names.push('.');
  return names;
}

/** Enter the folder `name`; where that is a link, do not, and return what it points to. */
function enter(folder: number, name: string, entered: number[]): string | undefined {
  try {
    entered.push(openSync(within(folder, name), FOLDER | constants.O_NOFOLLOW));
    return undefined;
  } catch (error) {
    const target = linkTarget(folder, name);
    if (target === undefined) throw error;
    return target;
  }
}

/** What `name` points to if it is a link. */
function linkTarget(folder: number, name: string): string | undefined {
  try {
    return readlinkSync(within(folder, name));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EINVAL' || code === 'ENOENT') return undefined;
    throw error;
  }
}

const codes: Readonly<Record<string, ErrorCode>> = {
  EACCES: 'access',
  EBADF: 'bad-descriptor',
  EBUSY: 'busy',
  EDQUOT: 'quota',
  EEXIST: 'exist',
  EFBIG: 'file-too-large',
  EINTR: 'interrupted',
  EINVAL: 'invalid',
  EISDIR: 'is-directory',
  ELOOP: 'loop',
  EMFILE: 'insufficient-memory',
  EMLINK: 'too-many-links',
  ENAMETOOLONG: 'name-too-long',
  ENFILE: 'insufficient-memory',
  ENODEV: 'no-device',
  ENOENT: 'no-entry',
  ENOMEM: 'insufficient-memory',
  ENOSPC: 'insufficient-space',
  ENOTDIR: 'not-directory',
  ENOTEMPTY: 'not-empty',
  ENXIO: 'no-such-device',
  EPERM: 'not-permitted',
  EROFS: 'read-only',
  ESPIPE: 'invalid-seek',
  ETXTBSY: 'text-file-busy',
  EXDEV: 'cross-device',
};

/** What the system said as `wasi:filesystem` says it; anything else comes back as it is. */
export function asErrorCode(error: unknown): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (error instanceof ComponentError || syscall === undefined) return error;
  return new ComponentError<ErrorCode>(codes[code ?? ''] ?? 'io');
}
