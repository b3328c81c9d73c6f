/**
 * The package that this code belongs to, in both of its layouts: a checkout, whose TypeScript Node runs
 * as it is, and the published package, where the same tree stands compiled under `dist/`. What is not
 * TypeScript (`wit/`, `guests/`, `build/library/`, `package.json`) stands at the package's top in both.
 * No other module needs to know which layout it is in.
 */
import path from 'node:path';

const compiled = path.extname(import.meta.filename) === '.js';
const top = path.resolve(import.meta.dirname, compiled ? '../..' : '..');

/** The absolute path of something in the package: `packageFile('wit', 'capability')`. */
export function packageFile(...segments: readonly string[]): string {
  return path.join(top, ...segments);
}

/**
 * The module `name`, without extension, beside the module with the URL `beside`: what a `Worker` is given.
 * An import would not need this, for there the compiler rewrites the extension.
 */
export function moduleBeside(name: string, beside: string): URL {
  return new URL(`./${name}${compiled ? '.js' : '.ts'}`, beside);
}
