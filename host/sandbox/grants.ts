/**
 * Grants: what an operator lets one extension instance do beyond computing, logging, reading the clock
 * and setting timers, which need none. Nothing else is granted by default.
 *
 * A service of Weir's own that is not granted is not linked, and the extension does not start. WASI is
 * always linked, because toolchains import all of it; what is not granted there answers with nothing
 * (no folder, no variable) or refuses.
 */

export interface Grants {
  /** Origins that `weir:extension/http` may send requests to, e.g. `https://api.example.com`. */
  readonly http: readonly string[];
  /** Folders that WASI's filesystem shows to the guest, and nothing outside of them. */
  readonly fs: readonly FolderGrant[];
  /** Names of the environment variables that the guest sees. */
  readonly env: readonly string[];
  /** Unpredictable bytes. */
  readonly random: boolean;
  /** Standard output and error of the process, as they are; without it they go to the log, line by line. */
  readonly stdout: boolean;
}

export type GrantName = keyof Grants;

export interface FolderGrant {
  /** Absolute. */
  readonly path: string;
  /** What the guest knows it by: the path as the operator wrote it. */
  readonly name: string;
  readonly mode: 'read' | 'write';
}

export const NO_GRANTS: Grants = { http: [], fs: [], env: [], random: false, stdout: false };

/** How to write each grant, for messages. */
const written: Readonly<Record<GrantName, string>> = {
  http: 'http: [https://api.example.com]',
  fs: 'fs: [{ path: ./folder, mode: read }]',
  env: 'env: [NAME]',
  random: 'random: true',
  stdout: 'stdout: true',
};

/** The grant that an interface is about, by its name without version. Others need none. */
const grantsByInterface: Readonly<Record<string, GrantName>> = {
  'wasi:cli/environment': 'env',
  'wasi:cli/stderr': 'stdout',
  'wasi:cli/stdout': 'stdout',
  'wasi:filesystem/preopens': 'fs',
  'wasi:filesystem/types': 'fs',
  'wasi:random/random': 'random',
  'weir:extension/http': 'http',
  'weir:extension/random': 'random',
};

/** The grant that gives the interface `name` (with or without version) its power; undefined when none does. */
export function grantOf(name: string): GrantName | undefined {
  const unversioned = name.split('@')[0]!;
  return Object.hasOwn(grantsByInterface, unversioned) ? grantsByInterface[unversioned] : undefined;
}

/** Whether `grants` give anything of `grant`. */
export function isGranted(grants: Grants, grant: GrantName): boolean {
  const given = grants[grant];
  return typeof given === 'boolean' ? given : given.length > 0;
}

/** What to write into the configuration: `grants: { random: true }`. */
export function grantText(grant: GrantName): string {
  return `grants: { ${written[grant]} }`;
}
