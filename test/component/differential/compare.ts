/**
 * Runs drawn functions in both runtimes and says where a result is not the value sent. Many functions share a
 * component, because transpiling one takes jco longer than running it a thousand times.
 */
import type { EchoCase } from './arbitrary.ts';
import { echoComponent, functionNames, hasImage, hasVia, type StringEncoding } from './echo-component.ts';
import { jcoPeer, type Peer, weirPeer } from './peers.ts';
import { render } from './render.ts';
import { isBorrow, resultShape, type Shape } from './shape.ts';

/** What became of one case. */
export type Verdict =
  | { readonly outcome: 'agree' }
  /** jco cannot make anything of the type, in its own words. */
  | { readonly outcome: 'refused'; readonly reason: string }
  /** Ours is wrong. */
  | { readonly outcome: 'wrong'; readonly detail: string }
  /** Ours is right and jco's is not. */
  | { readonly outcome: 'jco-wrong'; readonly detail: string };

/** Try cases in one component, in our runtime alone: for what jco does not do at all. */
export async function compareAlone(cases: readonly EchoCase[], encoding: StringEncoding): Promise<Verdict[]> {
  const functions = cases.map((one) => one.function);
  const weir = await weirPeer(await echoComponent(functions, encoding), functions);
  return cases.map((one, index) => judge(one, index, weir, undefined));
}

/** Try cases in one component, in both runtimes. */
export async function compare(cases: readonly EchoCase[], encoding: StringEncoding): Promise<Verdict[]> {
  const functions = cases.map((one) => one.function);
  const bytes = await echoComponent(functions, encoding);
  const weir = await weirPeer(bytes, functions);
  let jco: Peer;
  try {
    jco = await jcoPeer(bytes, functions);
  } catch (error) {
    if (cases.length === 1) return [{ outcome: 'refused', reason: (error as Error).message }];
    // One refused type spoils its component: the rest is tried without it.
    const half = cases.length >> 1;
    return [
      ...(await compare(cases.slice(0, half), encoding)),
      ...(await compare(cases.slice(half), encoding)),
    ];
  }
  return cases.map((one, index) => judge(one, index, weir, jco));
}

function judge(one: EchoCase, index: number, weir: Peer, jco: Peer | undefined): Verdict {
  const expected = render(resultShape(one.function), expectedValue(one));
  let jcoWrong: string | undefined;
  for (const { name, of, run } of trials(one, index, weir, jco)) {
    // What jco gets wrong by itself, it gets wrong in company too.
    if (of === 'both' && jcoWrong !== undefined) continue;
    const actual = attempt(run);
    if (actual === expected) continue;
    const detail = `${name}: sent ${expected}\n  got ${actual}`;
    if (of !== 'jco') return { outcome: 'wrong', detail };
    jcoWrong ??= detail;
  }
  return jcoWrong === undefined ? { outcome: 'agree' } : { outcome: 'jco-wrong', detail: jcoWrong };
}

interface Trial {
  readonly name: string;
  /** Who takes part. */
  readonly of: 'weir' | 'jco' | 'both';
  readonly run: () => string;
}

function trials(
  { function: shape, args }: EchoCase,
  index: number,
  weir: Peer,
  jco: Peer | undefined,
): Trial[] {
  const names = functionNames(index);
  const result = resultShape(shape);
  const real = (peer: Peer) => shape.params.map((param, i) => peer.real(param, args[i]));
  const call = (peer: Peer, name: string) => () => render(result, peer.call(name, result, real(peer)));
  const carried = (from: Peer, to: Peer) => () => {
    from.call(names.put, undefined, real(from));
    to.image.restore(from.image.dump());
    return render(result, to.call(names.get, result, []));
  };
  const list: Trial[] = [];
  for (const peer of jco ? [weir, jco] : [weir]) {
    const of = peer === weir ? 'weir' : 'jco';
    list.push({ name: `${of}, echo`, of, run: call(peer, names.echo) });
    if (hasVia(shape)) list.push({ name: `${of}, by way of the host`, of, run: call(peer, names.via) });
    if (hasImage(shape)) list.push({ name: `${of} to itself`, of, run: carried(peer, peer) });
  }
  if (jco && hasImage(shape)) {
    list.push({ name: 'weir to jco', of: 'both', run: carried(weir, jco) });
    list.push({ name: 'jco to weir', of: 'both', run: carried(jco, weir) });
  }
  return list;
}

function attempt(run: () => string): string {
  try {
    return run();
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
}

/** What is to come back. */
function expectedValue({ function: { params }, args }: EchoCase): unknown {
  const parts = params.map((param: Shape, i) => (isBorrow(param) ? (args[i] as { id: number }).id : args[i]));
  return parts.length > 1 ? parts : parts[0];
}
