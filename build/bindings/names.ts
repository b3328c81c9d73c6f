/**
 * WIT's kebab-case names as AssemblyScript identifiers. A name that AssemblyScript keeps for itself
 * gets an underscore behind it.
 */

const words = `abstract assert async await bool break case catch changetype class const constructor
continue debugger declare default delete do else enum export extends f32 f64 false finally for function glue
i16 i32 i64 i8 if implements import in instanceof interface isize let new null of override package private
protected prototype public readonly return static string super switch this throw true try typeof u16 u32 u64
u8 usize v128 var void while with yield`;

/** Not to be used as the name of a variable, a function or a member: what the compiler refuses there, or the bindings need. */
const reserved = new Set(words.split(/\s+/));

/** Global types that generated code mentions, so that no type of the same name may stand in its way. */
const globals = new Set(
  `Array ArrayBuffer Float32Array Float64Array Int16Array Int32Array Int64Array Int8Array Option Result
   String Uint16Array Uint32Array Uint64Array Uint8Array Unit`.split(/\s+/),
);

/** `try-acquire` → `tryAcquire`: functions, parameters, fields, cases. */
export function camelCase(name: string): string {
  const identifier = name
    .split('-')
    .map((word, i) => (i === 0 ? word.toLowerCase() : capitalise(word)))
    .join('');
  return reserved.has(identifier) ? `${identifier}_` : identifier;
}

/** `bearer-token` → `BearerToken`: types, cases of enums. */
export function pascalCase(name: string): string {
  const identifier = name.split('-').map(capitalise).join('');
  return globals.has(identifier) || /^Tuple\d+$/.test(identifier) ? `${identifier}_` : identifier;
}

function capitalise(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase();
}
