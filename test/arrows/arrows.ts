/**
 * The arrows: which folder may import from which. One table, held by dependency-cruiser, which reads
 * the sources with @swc/core; type-only imports count like all others.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cruise, type ICruiseResult, type IForbiddenRuleType } from 'dependency-cruiser';

/** Small files that everybody but `host/component` may use. They import nothing but each other. */
const SHARED = ['host/clock.ts', 'host/errors.ts', 'host/origin.ts', 'host/package.ts', 'host/suggestion.ts'];

/**
 * What each folder may import besides itself: folders, or single files where the arrow goes to those
 * alone. A folder that is missing here is an error, so that a new one gets its arrows when it comes.
 */
export const arrows: Readonly<Record<string, readonly string[]>> = {
  'host/component': [],
  'host/sandbox': ['host/component', ...SHARED],
  'host/capability': SHARED,
  // The model of a configuration is plain types: what an extension instance is told about itself.
  'host/extension': ['host/component', 'host/sandbox', 'host/capability', 'host/config/model.ts', ...SHARED],
  'host/pipeline': ['host/capability', ...SHARED],
  // Of the component runtime nodes need the errors alone: what a guest returned, told from what broke.
  'host/nodes': [
    'host/pipeline',
    'host/extension',
    'host/capability',
    'host/component/errors.ts',
    'host/config/units.ts',
    ...SHARED,
  ],
  'host/config': ['host/capability', 'host/pipeline', ...SHARED],
  'host/engine': [
    'host/component',
    'host/sandbox',
    'host/extension',
    'host/capability',
    'host/pipeline',
    'host/nodes',
    'host/config',
    ...SHARED,
  ],
  'host/gateway': ['host/engine', ...SHARED],
  'host/admin': ['host/engine', ...SHARED],
  'host/cli': ['host', 'build'],
  // The manifest is read by the host and written by the toolchain; its one schema lives in the host.
  build: ['host/component', 'host/extension/manifest.ts', ...SHARED],
};

/** A forbidden import, as `from → to`, or a folder without arrows. */
export interface ArrowReport {
  /** How many source files were read: none means that nothing was checked. */
  readonly modules: readonly string[];
  readonly violations: readonly string[];
}

/** Hold the sources under `root` against the arrows. */
export async function checkArrows(root: string): Promise<ArrowReport> {
  const { output } = await cruise(await sourceFolders(root), {
    baseDir: root,
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    ruleSet: { forbidden: rules() },
    validate: true,
  });
  const { modules, summary } = output as ICruiseResult;
  const sources = modules
    .map(({ source }) => source)
    .filter((source) => /^(host|build)\/.*\.ts$/.test(source));
  const homeless = new Set(
    sources.map(folderOf).filter((folder) => folder !== 'host' && !(folder in arrows)),
  );
  return {
    modules: sources,
    violations: [
      ...summary.violations.map(({ from, to }) => `${from} → ${to}`),
      ...[...homeless].map((folder) => `${folder} has no arrows in test/arrows/arrows.ts`),
    ],
  };
}

/** Every TypeScript source of the host and the toolchain, relative to `root`. */
export async function sourceFiles(root: string): Promise<string[]> {
  const files: string[] = [];
  for (const folder of await sourceFolders(root)) {
    for (const entry of await readdir(join(root, folder), { recursive: true })) {
      if (entry.endsWith('.ts') && !entry.endsWith('.d.ts')) files.push(join(folder, entry));
    }
  }
  return files;
}

async function sourceFolders(root: string): Promise<string[]> {
  const entries = await readdir(root);
  return ['host', 'build'].filter((folder) => entries.includes(folder));
}

function rules(): IForbiddenRuleType[] {
  const ours = '^(host|build|test|guests)/';
  const folders = Object.entries(arrows).map(([folder, allowed]): IForbiddenRuleType => {
    const targets = [folder, ...allowed].map((target) =>
      target.endsWith('.ts') ? `^${target}$` : `^${target}/`,
    );
    return {
      name: folder,
      severity: 'error',
      from: { path: `^${folder}/` },
      to: { path: ours, pathNot: targets },
    };
  });
  const shared: IForbiddenRuleType = {
    name: 'shared',
    severity: 'error',
    from: { path: SHARED.map((file) => `^${file}$`) },
    to: { path: ours, pathNot: SHARED.map((file) => `^${file}$`) },
  };
  return [...folders, shared];
}

function folderOf(source: string): string {
  const [top, folder, ...rest] = source.split('/');
  return top === 'host' && rest.length > 0 ? `${top}/${folder}` : top!;
}
