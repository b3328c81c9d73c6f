/** The errors of configurations, and their form: plain data, all that were found at once. */
import type { ErrorCode, SourcePosition } from '../errors.ts';
import { defineErrors, WeirError } from '../errors.ts';

export const configErrors = defineErrors('config', {
  WEIR_CONFIG_CONNECTION_KIND: 'A connection leaves an exporter or enters a receiver.',
  WEIR_CONFIG_CYCLE: 'Connections lead round in a circle.',
  WEIR_CONFIG_DUPLICATE_CONNECTION: 'Two nodes are connected twice.',
  WEIR_CONFIG_DUPLICATE_KEY: 'A key stands twice in one mapping.',
  WEIR_CONFIG_FAN_OUT: 'A node is connected to several others; an output has one destination.',
  WEIR_CONFIG_FILE: 'The configuration file, or a component that it names, cannot be read.',
  WEIR_CONFIG_GUEST: 'A node of this type takes no guest, or lacks the one that it needs.',
  WEIR_CONFIG_INVALID: 'The configuration has errors; `errors` holds all of them.',
  WEIR_CONFIG_MISPLACED: 'A key stands in the wrong section.',
  WEIR_CONFIG_MISSING_CAPABILITY: 'A node lacks a capability that its type requires.',
  WEIR_CONFIG_MISSING_KEY: 'A required key is missing.',
  WEIR_CONFIG_NO_PIPELINE: 'There is no pipeline to run, or a pipeline lacks a receiver or an exporter.',
  WEIR_CONFIG_PROVIDER_SCHEMA:
    "An extension's component describes its configuration by a schema that cannot be used.",
  WEIR_CONFIG_SUBSTITUTION: 'A `${env:…}` or `${file:…}` is malformed, or names what does not exist.',
  WEIR_CONFIG_SYNTAX: 'The file is not well-formed YAML.',
  WEIR_CONFIG_UNCONNECTED: 'A node is not connected on a side that its kind needs.',
  WEIR_CONFIG_UNKNOWN_KEY: 'A key is not known where it stands.',
  WEIR_CONFIG_UNKNOWN_NODE: 'A connection names a node that does not exist.',
  WEIR_CONFIG_UNKNOWN_NODE_TYPE: 'A node is of a type that does not exist.',
  WEIR_CONFIG_UNUSED_CAPABILITY: 'A node binds a capability that its type does not use.',
  WEIR_CONFIG_VALUE: 'A value is of the wrong type or out of range.',
  WEIR_CONFIG_VERSION: 'The `version` is missing or is not one that this engine reads.',
});

/** One thing that is wrong with a configuration. */
export interface ConfigError {
  readonly code: ErrorCode;
  /** What is wrong and what was expected. */
  readonly message: string;
  /** How to mend it. */
  readonly hint: string | undefined;
  readonly position: SourcePosition;
  readonly frame: CodeFrame | undefined;
}

/** The lines around an error, for people. Literal secrets are masked in them. */
export interface CodeFrame {
  /** Number of the first of `lines`. */
  readonly firstLine: number;
  /** The last one is the line of the error. */
  readonly lines: readonly string[];
  /** How many characters to underline, from the position's column. */
  readonly length: number;
}

/** A configuration was refused. The message counts the errors and tells the first. */
export class InvalidConfigError extends WeirError {
  readonly errors: readonly ConfigError[];

  constructor(errors: readonly ConfigError[]) {
    const [first] = errors;
    const where = first === undefined ? '' : `${formatPosition(first.position)}: ${first.message}`;
    const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
    super(configErrors.WEIR_CONFIG_INVALID, `the configuration has errors: ${where}${more}`, {
      position: first?.position,
      hint: first?.hint,
    });
    this.errors = errors;
  }
}

export function formatPosition({ file, line, column }: SourcePosition): string {
  return `${file}:${line}:${column}`;
}
