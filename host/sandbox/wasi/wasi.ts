/**
 * WASI 0.2 for one component instance. Weir's own: an implementation that other runtimes of JavaScript
 * share blocks the thread in `poll` and looks paths up by name before it opens them.
 *
 * Every interface can be linked, and without grants none reaches anything: no folder, no variable, no
 * input, no socket; output goes to the log. `grants.ts` says what changes that.
 */
import type { ComponentType, InstanceType } from '../../component/types.ts';
import { cli } from './cli.ts';
import { monotonicClock, wallClock } from './clocks.ts';
import { WasiContext, type WasiOptions } from './context.ts';
import { deniedInterface, type HollowClasses } from './denied.ts';
import { filesystem } from './filesystem.ts';
import { wasiInterfaces } from './interfaces.ts';
import { pollFunctions } from './poll.ts';
import { insecureRandom, insecureSeed, secureRandom } from './random.ts';
import { InputStream, IoError, OutputStream } from './streams.ts';

export interface Wasi {
  /** For each interface of WASI that the component imports, by its full name. */
  readonly imports: Readonly<Record<string, unknown>>;
  /** The instance is discarded: forget its timers, close its files. */
  close(): void;
}

/** The packages of which every interface is linked and refuses. */
const DENIED = /^wasi:(?:sockets|http)\/[a-z-]+$/;

/** The name without its version, if it is an interface of WASI 0.2 that can be linked. */
export function wasiInterface(name: string): string | undefined {
  const [, unversioned] = /^(wasi:[a-z]+\/[a-z-]+)@0\.2\.\d+$/.exec(name) ?? [];
  if (unversioned === undefined) return undefined;
  return Object.hasOwn(wasiInterfaces, unversioned) || DENIED.test(unversioned) ? unversioned : undefined;
}

/** Make what a component of type `type` imports of WASI. */
export function makeWasi(type: ComponentType, options: WasiOptions): Wasi {
  const context = new WasiContext(options);
  const hollow: HollowClasses = new Map();
  const imports: Record<string, unknown> = {};
  let implemented: Record<string, unknown> | undefined;
  for (const { name, type: extern } of type.imports) {
    const unversioned = wasiInterface(name);
    if (unversioned === undefined || extern.kind !== 'instance') continue;
    implemented ??= implementation(context);
    imports[name] = Object.hasOwn(implemented, unversioned)
      ? withUnknown(implemented[unversioned] as object, name, unversioned, extern)
      : deniedInterface(name, extern, hollow);
  }
  return { imports, close: () => context.close() };
}

/** What a later WASI added to an interface and this one does not know refuses. */
function withUnknown(given: object, name: string, unversioned: string, type: InstanceType): object {
  const known = wasiInterfaces[unversioned]!;
  const unknown = type.exports.filter(
    ({ name: member, type: extern }) => extern.kind === 'func' && !Object.hasOwn(known, member),
  );
  if (unknown.length === 0) return given;
  return { ...deniedInterface(name, { ...type, exports: unknown }, new Map()), ...given };
}

function implementation(context: WasiContext): Record<string, unknown> {
  const all: Record<string, unknown> = {
    'wasi:clocks/monotonic-clock': monotonicClock(context),
    'wasi:clocks/wall-clock': wallClock(context),
    'wasi:io/error': { Error: IoError },
    'wasi:io/poll': pollFunctions(context),
    'wasi:io/streams': { InputStream, OutputStream },
    'wasi:random/insecure': insecureRandom,
    'wasi:random/insecure-seed': insecureSeed,
    'wasi:random/random': secureRandom(context),
  };
  const { types, preopens } = filesystem(context);
  all['wasi:filesystem/types'] = types;
  all['wasi:filesystem/preopens'] = preopens;
  for (const [name, given] of Object.entries(cli(context))) all[`wasi:cli/${name}`] = given;
  return all;
}
