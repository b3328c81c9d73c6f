/**
 * Writes the functions at the border: for each import a glue function that an interface's module calls, and for
 * each export a wrapper under the core signature, which calls the author's function.
 */
import type { FunctionType } from '../../host/component/index.ts';
import { flatten, layoutOf, membersAt, signatureOf } from './abi.ts';
import type { Glue, Slot } from './glue.ts';
import { lift, load } from './lifting.ts';
import { lower, store } from './lowering.ts';
import type { ExportedFunction, ImportedFunction } from './model.ts';

/** The glue function of an import, with the declaration of the import itself. */
export function writeImport(glue: Glue, one: ImportedFunction): string {
  const { type } = one;
  const flat = signatureOf(type);
  const core: Slot[] = (flat.params ?? ['i32']).map((of, i) => ({ name: `a${i}`, core: of }));
  const coreParams = [...core];
  if (flat.results === undefined) coreParams.push({ name: 'at', core: 'i32' });
  const params = type.params.map((param, i) => `p${i}: ${glue.typeName(param.type)}`).join(', ');
  const lines: string[] = [];
  const takes = flat.params === undefined || type.params.some((param) => glue.takesMemory(param.type));
  if (takes) lines.push('const since = mark();');
  if (flat.params === undefined) {
    const types = type.params.map((param) => param.type);
    lines.push(`const a0 = <i32>area(${layoutOf({ kind: 'tuple', elements: types }).size});`);
    membersAt(types).forEach((member, i) => {
      lines.push(store(glue, member.type, `p${i}`, 'a0', member.offset));
    });
  } else {
    for (const slot of core) lines.push(`let ${slot.name}: ${slot.core} = 0;`);
    let next = 0;
    type.params.forEach((param, i) => {
      const count = flatten(param.type).length;
      lines.push(lower(glue, param.type, `p${i}`, core.slice(next, next + count)));
      next += count;
    });
  }
  const call = `import_${one.glue}(${coreParams.map((slot) => slot.name).join(', ')})`;
  const free = takes ? ['release(since);'] : [];
  if (type.result === undefined) {
    lines.push(`${call};`, ...free);
  } else if (flat.results === undefined) {
    glue.needsReturnArea(type.result);
    // While an `async func` waits, other calls may use the common area.
    const place = type.async ? `<i32>heap.alloc(${layoutOf(type.result).size})` : '<i32>RETURN';
    lines.push(`const at = ${place};`, `${call};`, ...free);
    lines.push(`const result: ${glue.typeName(type.result)} = ${load(glue, type.result, 'at', 0)};`);
    if (type.async) lines.push('heap.free(at);');
    lines.push('return result;');
  } else {
    lines.push(`const flat = ${call};`, ...free);
    lines.push(`return ${lift(glue, type.result, [{ name: 'flat', core: flat.results[0]! }])};`);
  }
  const result = type.result === undefined ? 'void' : glue.typeName(type.result);
  return (
    declareImport(`import_${one.glue}`, one.core, coreParams, flat.results?.[0]) +
    `export function ${one.glue}(${params}): ${result} {\n  ${lines.join('\n  ')}\n}\n`
  );
}

/** The declaration of a core import. */
export function declareImport(
  name: string,
  core: readonly [string, string],
  params: readonly Slot[],
  result: string | undefined,
): string {
  return (
    `// @ts-ignore: decorator\n@external(${JSON.stringify(core[0])}, ${JSON.stringify(core[1])})\n` +
    `declare function ${name}(${params.map((slot) => `${slot.name}: ${slot.core}`).join(', ')}): ${result ?? 'void'};\n\n`
  );
}

/** The wrapper of an export, and what frees its result (`post…`) where anything is to be freed. */
export function writeExport(glue: Glue, one: ExportedFunction): { text: string; post: string | undefined } {
  const { type } = one;
  const flat = signatureOf(type);
  const core: Slot[] = (flat.params ?? ['i32']).map((of, i) => ({ name: `a${i}`, core: of }));
  const lines = liftParams(glue, type, core, flat.params === undefined);
  const call = `author.${one.author}(${type.params.map((_, i) => `p${i}`).join(', ')})`;
  lines.push(
    type.result === undefined ? `${call};` : `const result: ${glue.typeName(type.result)} = ${call};`,
  );
  type.params.forEach((param, i) => {
    // What was lent must be back before the call returns.
    if (param.type.kind === 'borrow') lines.push(`p${i}.drop();`);
  });
  let coreResult = 'void';
  let post: string | undefined;
  if (type.result !== undefined && flat.results !== undefined) {
    coreResult = flat.results[0]!;
    lines.push(`let flat: ${coreResult} = 0;`);
    lines.push(
      lower(glue, type.result, 'result', [{ name: 'flat', core: flat.results[0]! }]),
      'return flat;',
    );
  } else if (type.result !== undefined) {
    coreResult = 'usize';
    glue.needsReturnArea(type.result);
    if (glue.takesMemory(type.result)) {
      lines.push('beginResult();');
      post = 'releaseResult();';
    }
    lines.push(store(glue, type.result, 'result', 'RETURN', 0), 'return RETURN;');
  }
  const params = core.map((slot) => `${slot.name}: ${slot.core}`).join(', ');
  const wrapper = `export function ${one.wrapper}(${params}): ${coreResult} {\n  ${lines.join('\n  ')}\n}\n`;
  const freeing =
    post === undefined ? '' : `\nexport function ${one.wrapper}_post(at: usize): void {\n  ${post}\n}\n`;
  return { text: wrapper + freeing, post: post === undefined ? undefined : `${one.wrapper}_post` };
}

function liftParams(glue: Glue, type: FunctionType, core: readonly Slot[], inMemory: boolean): string[] {
  if (!inMemory) {
    let next = 0;
    return type.params.map((param, i) => {
      const count = flatten(param.type).length;
      next += count;
      const value = lift(glue, param.type, core.slice(next - count, next));
      return `const p${i}: ${glue.typeName(param.type)} = ${value};`;
    });
  }
  const types = type.params.map((param) => param.type);
  const lines = membersAt(types).map(
    (member, i) =>
      `const p${i}: ${glue.typeName(member.type)} = ${load(glue, member.type, '<usize>a0', member.offset)};`,
  );
  return [...lines, `discard(<usize>a0, ${layoutOf({ kind: 'tuple', elements: types }).size});`];
}
