/** A granted folder is all that a guest gets: no path leads out of it, and one for reading stays as it is. */
import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../temporary-folder.ts';
import { type ScriptGuest, startScriptGuest } from './script-guest.ts';

const SLOW = 60_000;

interface Place {
  readonly granted: string;
  readonly outside: string;
  readonly guest: ScriptGuest;
}

/** A folder with links out of it, granted to a guest, beside one that is not. */
async function place(mode: 'read' | 'write', beside: 'read' | 'write' = mode): Promise<Place> {
  const folder = await temporaryFolder();
  const granted = join(folder, 'granted');
  const outside = join(folder, 'outside');
  const other = join(folder, 'other');
  await mkdir(join(granted, 'sub/deep'), { recursive: true });
  await mkdir(outside);
  await mkdir(other);
  await writeFile(join(outside, 'secret.txt'), 'secret');
  await writeFile(join(other, 'other.txt'), 'other');
  await writeFile(join(granted, 'file.txt'), 'inside');
  await writeFile(join(granted, 'sub/inner.txt'), 'inner');
  await symlink('file.txt', join(granted, 'link-in'));
  await symlink('sub', join(granted, 'dir-link-in'));
  await symlink('../outside/secret.txt', join(granted, 'link-out'));
  await symlink('../outside', join(granted, 'dir-link-out'));
  await symlink(join(outside, 'secret.txt'), join(granted, 'absolute-link'));
  await symlink('/', join(granted, 'root-link'));
  await symlink('/proc/self/root', join(granted, 'proc-link'));
  await symlink('sub/up/../../outside/secret.txt', join(granted, 'winding-link'));
  await symlink('..', join(granted, 'sub/up'));
  await symlink('round', join(granted, 'round'));
  execFileSync('mkfifo', [join(granted, 'pipe')]);
  const guest = await startScriptGuest({
    fs: [
      { path: granted, name: 'granted', mode },
      { path: other, name: 'other', mode: beside },
    ],
  });
  guest.run(`globalThis.folders = wasi.preopens.getDirectories().map(([folder]) => folder);
    globalThis.folder = folders[0];
    globalThis.bytes = (text) => Uint8Array.from(text, (c) => c.charCodeAt(0));
    globalThis.read = (path, flags = { symlinkFollow: true }) => {
      const file = folder.openAt(flags, path, {}, { read: true });
      return String.fromCharCode(...Object.values(file.read(100, 0)[0]));
    };`);
  return { granted, outside, guest };
}

describe.skipIf(process.platform !== 'linux')('reading', { timeout: SLOW }, () => {
  test.each([
    ['file.txt', 'inside'],
    ['./file.txt', 'inside'],
    ['sub//inner.txt', 'inner'],
    ['sub/../file.txt', 'inside'],
    ['sub/deep/../../file.txt', 'inside'],
    ['link-in', 'inside'],
    ['dir-link-in/inner.txt', 'inner'],
    ['sub/up/file.txt', 'inside'],
    ['sub/up/sub/up/link-in', 'inside'],
  ])('%s is found', async (path, text) => {
    const { guest } = await place('read');
    expect(guest.run(`return read(${JSON.stringify(path)})`)).toBe(text);
  });

  test('no path leads out, whatever is done with it', async () => {
    const { guest, outside } = await place('write');
    const paths = {
      '..': 'not-permitted',
      '../outside/secret.txt': 'not-permitted',
      'sub/../../outside/secret.txt': 'not-permitted',
      './/..//outside/secret.txt': 'not-permitted',
      'sub/up/../outside/secret.txt': 'not-permitted',
      'dir-link-in/../../outside/secret.txt': 'not-permitted',
      [join(outside, 'secret.txt')]: 'not-permitted',
      '/': 'not-permitted',
      'dir-link-out/secret.txt': 'not-permitted',
      'root-link/etc/passwd': 'not-permitted',
      'proc-link/etc/passwd': 'not-permitted',
      'dir-link-out/.': 'not-permitted',
      'root-link/': 'not-permitted',
      'round/file.txt': 'loop',
      'file.txt/..': 'not-directory',
      'file.txt/../../outside/secret.txt': 'not-directory',
      '': 'no-entry',
      'gone/../../outside': 'no-entry',
      ['x'.repeat(256)]: 'name-too-long',
      ['x/'.repeat(4096)]: 'name-too-long',
    };
    const told = guest.run(`
      const actions = {
        open: (path) => folder.openAt({ symlinkFollow: true }, path, {}, { read: true }),
        list: (path) => folder.openAt({ symlinkFollow: true }, path, { directory: true }, {}).readDirectory(),
        create: (path) => folder.openAt({}, path, { create: true }, { write: true }),
        stat: (path) => folder.statAt({ symlinkFollow: true }, path),
        hash: (path) => folder.metadataHashAt({}, path),
        times: (path) => folder.setTimesAt({}, path, { tag: 'now' }, { tag: 'now' }),
        makeFolder: (path) => folder.createDirectoryAt(path),
        removeFolder: (path) => folder.removeDirectoryAt(path),
        readLink: (path) => folder.readlinkAt(path),
        unlink: (path) => folder.unlinkFileAt(path),
        link: (path) => folder.linkAt({}, 'file.txt', folder, path),
        linkFrom: (path) => folder.linkAt({}, path, folder, 'stolen'),
        renameTo: (path) => folder.renameAt('sub/inner.txt', folder, path),
        renameFrom: (path) => folder.renameAt(path, folder, 'stolen'),
        symlink: (path) => folder.symlinkAt('file.txt', path),
      };
      const told = {};
      for (const path of ${JSON.stringify(Object.keys(paths))}) {
        told[path] = {};
        for (const [name, action] of Object.entries(actions)) {
          try { action(path); told[path][name] = 'done'; } catch (error) { told[path][name] = error.payload ?? String(error); }
        }
      }
      return told;`) as Record<string, Record<string, string>>;
    for (const [path, code] of Object.entries(paths)) {
      expect(new Set(Object.values(told[path]!)), path).toEqual(new Set([code]));
    }
    expect(await readdir(outside)).toEqual(['secret.txt']);
    expect(await readFile(join(outside, 'secret.txt'), 'utf8')).toBe('secret');
  });

  test.each([
    ['link-out', 'not-permitted'],
    ['absolute-link', 'not-permitted'],
    ['winding-link', 'not-permitted'],
    ['dir-link-out', 'not-permitted'],
    ['root-link', 'not-permitted'],
    ['proc-link', 'not-permitted'],
    ['round', 'loop'],
  ])('the link %s is not followed', async (path, code) => {
    const { guest } = await place('read');
    expect(guest.run(`return read('${path}')`)).toEqual({ err: code });
    expect(guest.run(`return folder.statAt({ symlinkFollow: true }, '${path}')`)).toEqual({ err: code });
    expect(guest.run(`return read('${path}', {})`)).toEqual({ err: 'loop' });
    expect(guest.run(`return folder.statAt({}, '${path}').type`)).toBe('symbolic-link');
  });

  test('where an absolute link leads is not told', async () => {
    const { guest } = await place('read');
    expect(guest.run("return folder.readlinkAt('absolute-link')")).toEqual({ err: 'not-permitted' });
    expect(guest.run("return folder.readlinkAt('link-in')")).toBe('file.txt');
  });

  test('a folder that was opened is a root of its own', async () => {
    const { guest } = await place('read');
    const within = (path: string) =>
      guest.run(`globalThis.sub ??= folder.openAt({}, 'sub', { directory: true }, {});
        return sub.openAt({ symlinkFollow: true }, '${path}', {}, { read: true }).getType()`);
    expect(within('inner.txt')).toBe('regular-file');
    expect(within('../file.txt')).toEqual({ err: 'not-permitted' });
    expect(within('up/file.txt')).toEqual({ err: 'not-permitted' });
  });

  test('a named pipe is not opened, and so cannot block', async () => {
    const { guest } = await place('read');
    expect(guest.run("return read('pipe')")).toEqual({ err: 'not-permitted' });
  });

  test('a folder is listed, with links as links', async () => {
    const { guest } = await place('read');
    const entries = guest.run(`const entries = folder.readDirectory(); const all = [];
      for (let entry; (entry = entries.readDirectoryEntry()); ) all.push(entry.name + ' ' + entry.type);
      return all.sort()`);
    expect(entries).toEqual(
      expect.arrayContaining(['file.txt regular-file', 'link-out symbolic-link', 'sub directory']),
    );
  });

  test('a folder that is swapped for a link out of the grant, again and again, does not let anything out', async () => {
    const { guest, granted, outside } = await place('read');
    await mkdir(join(granted, 'real'));
    await writeFile(join(granted, 'real/secret.txt'), 'inside');
    const seen = new Set<unknown>();
    const swap = join(granted, 'swap');
    let swapping = true;
    const script = `
      const { renameSync, rmSync, symlinkSync } = require('node:fs');
      const [swap, granted, outside] = process.argv.slice(1);
      for (let i = 0; process.ppid !== 1; i++) {
        symlinkSync(i % 2 ? 'real' : outside, granted + '/new'); renameSync(granted + '/new', swap);
      }`;
    const { spawn } = await import('node:child_process');
    const swapper = spawn(process.execPath, ['-e', script, swap, granted, outside], { stdio: 'ignore' });
    try {
      for (let i = 0; swapping && i < 400; i++) {
        const told = guest.run(`const seen = {};
          for (let i = 0; i < 100; i++) {
            try { seen[read('swap/secret.txt')] = 1; } catch (error) { seen[error.payload] = 1; }
          }
          return Object.keys(seen)`) as string[];
        for (const one of told) seen.add(one);
        if (seen.has('inside') && seen.has('not-permitted')) swapping = i < 20;
      }
    } finally {
      swapper.kill('SIGKILL');
    }
    expect(seen).toContain('inside');
    expect(seen).toContain('not-permitted');
    expect(seen).not.toContain('secret');
  });

  test('nothing is changed through a folder for reading', async () => {
    const { guest, granted } = await place('read', 'write');
    const told = guest.run(`
      const [granted, other] = folders;
      const sub = granted.openAt({}, 'sub', { directory: true }, {});
      const file = granted.openAt({}, 'file.txt', {}, { read: true });
      const now = { tag: 'now' };
      const actions = [
        () => granted.openAt({}, 'new', { create: true }, { read: true }),
        () => granted.openAt({}, 'file.txt', { create: true }, { read: true }),
        () => granted.openAt({}, 'file.txt', {}, { write: true }),
        () => granted.openAt({}, 'file.txt', { truncate: true }, { read: true }),
        () => granted.openAt({}, 'sub', { directory: true }, { mutateDirectory: true }),
        () => sub.openAt({}, 'inner.txt', {}, { write: true }),
        () => granted.createDirectoryAt('new'),
        () => sub.createDirectoryAt('new'),
        () => granted.removeDirectoryAt('sub/deep'),
        () => granted.unlinkFileAt('file.txt'),
        () => granted.symlinkAt('file.txt', 'new'),
        () => granted.renameAt('file.txt', granted, 'new'),
        () => granted.renameAt('file.txt', other, 'new'),
        () => other.renameAt('other.txt', granted, 'new'),
        () => granted.linkAt({}, 'file.txt', other, 'new'),
        () => other.linkAt({}, 'other.txt', granted, 'new'),
        () => granted.setTimesAt({}, 'file.txt', now, now),
        () => granted.setTimes(now, now),
        () => file.setTimes(now, now),
        () => file.setSize(0),
        () => file.write(bytes('x'), 0),
        () => file.writeViaStream(0),
        () => file.appendViaStream(),
      ];
      return actions.map((action) => { try { action(); return 'done'; } catch (error) { return error.payload; } })`);
    expect(new Set(told as string[])).toEqual(new Set(['not-permitted', 'bad-descriptor']));
    expect(await readFile(join(granted, 'file.txt'), 'utf8')).toBe('inside');
    expect(await readdir(join(granted, '../other'))).toEqual(['other.txt']);
  });
});

describe.skipIf(process.platform !== 'linux')('writing', { timeout: SLOW }, () => {
  test('files are made, written, read, linked, renamed and removed', async () => {
    const { guest, granted } = await place('write');
    const told = guest.run(`
      folder.createDirectoryAt('made');
      const file = folder.openAt({}, 'made/new.txt', { create: true, exclusive: true }, { read: true, write: true });
      file.write(bytes('hello'), 0);
      file.appendViaStream().blockingWriteAndFlush(bytes(' world'));
      file.writeViaStream(1).write(bytes('E'));
      const text = read('made/new.txt');
      file.setSize(5);
      folder.linkAt({}, 'made/new.txt', folder, 'made/linked');
      folder.renameAt('made/new.txt', folder, 'renamed.txt');
      folder.symlinkAt('../renamed.txt', 'made/pointer');
      return [text, read('made/linked'), read('made/pointer'), file.stat().linkCount, file.stat().size]`);
    expect(told).toEqual(['hEllo world', 'hEllo', 'hEllo', 2, 5]);
    expect(await readFile(join(granted, 'renamed.txt'), 'utf8')).toBe('hEllo');
    const removed = guest.run(`folder.unlinkFileAt('made/linked'); folder.unlinkFileAt('made/pointer');
      folder.removeDirectoryAt('made'); return folder.statAt({}, 'made')`);
    expect(removed).toEqual({ err: 'no-entry' });
  });

  test('a link that the guest makes leads no further than others', async () => {
    const { guest, outside } = await place('write');
    expect(guest.run(`return folder.symlinkAt(${JSON.stringify(outside)}, 'mine')`)).toEqual({
      err: 'not-permitted',
    });
    expect(
      guest.run(`folder.symlinkAt('../outside', 'mine'); folder.symlinkAt('mine/secret.txt', 'theirs');
        return read('mine/secret.txt')`),
    ).toEqual({ err: 'not-permitted' });
    expect(guest.run("return read('theirs')")).toEqual({ err: 'not-permitted' });
    expect(
      guest.run(`folder.createDirectoryAt('a'); folder.createDirectoryAt('a/b');
        folder.symlinkAt('../../outside', 'a/b/deep'); folder.renameAt('a/b', folder, 'b');
        return read('b/deep/secret.txt')`),
    ).toEqual({ err: 'not-permitted' });
    expect(
      guest.run(
        "return folder.openAt({ symlinkFollow: true }, 'mine/new', { create: true }, { write: true })",
      ),
    ).toEqual({
      err: 'not-permitted',
    });
  });

  test('a file that is not there is a code, as in any file system', async () => {
    const { guest } = await place('write');
    expect(guest.run("return read('gone.txt')")).toEqual({ err: 'no-entry' });
    expect(guest.run("return folder.removeDirectoryAt('sub')")).toEqual({ err: 'not-empty' });
    expect(guest.run("return folder.createDirectoryAt('sub')")).toEqual({ err: 'exist' });
    expect(
      guest.run("return folder.openAt({}, 'file.txt', { create: true, exclusive: true }, { write: true })"),
    ).toEqual({ err: 'exist' });
    expect(guest.run("return folder.openAt({}, 'sub', {}, { write: true })")).toEqual({
      err: 'is-directory',
    });
    expect(guest.run("return folder.openAt({}, 'file.txt', { directory: true }, {})")).toEqual({
      err: 'not-directory',
    });
  });

  test('a folder that is gone by the time it is wanted is a fault that names it', async () => {
    const { granted } = await place('read');
    const guest = await startScriptGuest({ fs: [{ path: granted, name: 'x', mode: 'read' }] });
    await rename(granted, `${granted}-gone`);
    expect(() => guest.run('return wasi.preopens.getDirectories()')).toThrow(
      /which is granted, cannot be opened/,
    );
  });
});
