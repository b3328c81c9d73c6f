/** Names of the component model as JavaScript spells them. */

/** `try-acquire` → `tryAcquire`. */
export function camelCase(kebab: string): string {
  return kebab.replace(/-([a-z0-9])/gi, (_, letter: string) => letter.toUpperCase());
}
