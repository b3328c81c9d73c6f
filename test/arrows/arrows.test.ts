import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../temporary-folder.ts';
import { checkArrows, sourceFiles } from './arrows.ts';

const root = join(import.meta.dirname, '../..');

test('imports follow the arrows, and every source was looked at', async () => {
  const { modules, violations } = await checkArrows(root);
  expect(violations).toEqual([]);
  expect(modules.length).toBeGreaterThan(0);
  expect([...modules].sort()).toEqual(expect.arrayContaining(await sourceFiles(root)));
});

describe('a forbidden import is found', () => {
  let copy: string;
  beforeAll(async () => {
    copy = await mkdtemp(join(tmpdir(), 'weir-arrows-'));
    await cp(join(root, 'host'), join(copy, 'host'), { recursive: true });
    return () => rm(copy, { recursive: true, force: true });
  });

  test.each([
    [
      'host/component/planted.ts',
      "import { WeirError } from '../errors.ts';\nexport const x = WeirError;",
      'host/errors.ts',
    ],
    [
      'host/component/planted.ts',
      "import type { WeirError } from '../errors.ts';\nexport type X = WeirError;",
      'host/errors.ts',
    ],
    ['host/capability/planted.ts', "export { Report } from '../config/report.ts';", 'host/config/report.ts'],
    ['host/capability/planted.ts', "export type * from '../config/model.ts';", 'host/config/model.ts'],
    [
      'host/pipeline/planted.ts',
      "export const x = await import('../config/load.ts');",
      'host/config/load.ts',
    ],
    [
      'host/nodes/exporters/planted.ts',
      "import '../../component/component.ts';",
      'host/component/component.ts',
    ],
    ['host/config/planted.ts', "import '../engine/planted.ts';", 'host/engine/planted.ts'],
    ['host/errors.ts', "import './config/units.ts';", 'host/config/units.ts'],
    ['build/planted.ts', "import '../host/config/units.ts';", 'host/config/units.ts'],
  ])('%s: %s', async (file, source, target) => {
    const own = await temporaryFolder();
    await cp(copy, own, { recursive: true });
    for (const [path, text] of [
      ['host/engine/planted.ts', 'export {};'],
      [file, source],
    ] as const) {
      await mkdir(dirname(join(own, path)), { recursive: true });
      await writeFile(join(own, path), text);
    }
    expect((await checkArrows(own)).violations).toEqual([`${file} → ${target}`]);
  });

  test('a folder without arrows is found', async () => {
    const own = await temporaryFolder();
    await mkdir(join(own, 'host/planted'), { recursive: true });
    await writeFile(join(own, 'host/planted/file.ts'), 'export {};');
    expect((await checkArrows(own)).violations).toEqual([
      'host/planted has no arrows in test/arrows/arrows.ts',
    ]);
  });
});
