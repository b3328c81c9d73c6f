/**
 * The limits that keep what V8 does with a core module bounded: its compilation, its instantiation
 * and the rewriting itself. They are properties of the code, not of what it uses at run time.
 */

export interface ModuleLimits {
  /** Bytes of one function's body. Optimising a function takes more than linear time. */
  readonly functionBytes: number;
  /** Parameters and locals of one function together. */
  readonly locals: number;
  /**
   * Locals × branches of one function. V8's compilers keep a state of all locals at every place where
   * control flow meets: 49,000 locals × 30,000 branches, in 210 KB, cost 37 s at the first call.
   */
  readonly localsTimesBranches: number;
  /** The sum of locals × branches over the whole module. */
  readonly totalLocalsTimesBranches: number;
  /** Labels of one `br_table`. */
  readonly branchTableLabels: number;
  /** Blocks inside blocks. */
  readonly nesting: number;
  /** Parameters, or results, of one function or block type. */
  readonly parameters: number;
  readonly types: number;
  readonly imports: number;
  readonly functions: number;
  readonly globals: number;
  readonly exports: number;
  readonly tables: number;
  readonly memories: number;
  readonly tags: number;
  /** Element segments, and data segments. */
  readonly segments: number;
  /** Bytes of the element section: an active segment is written to its table, slowly, at instantiation. */
  readonly elementBytes: number;
  /** Different bulk operations (`memory.copy` from 0 to 1 is another one than from 1 to 0). */
  readonly bulkOperations: number;
}

/**
 * Several times what the largest real modules have: in ten megabytes of JavaScript engine one function has 0.18 MB,
 * 130 locals and 0.64 million locals × branches, all of them together 8.6 million. V8 spends up to 0.2 µs on each.
 */
export const defaultModuleLimits: ModuleLimits = {
  functionBytes: 512 << 10,
  locals: 5_000,
  localsTimesBranches: 1_500_000,
  totalLocalsTimesBranches: 12_000_000,
  branchTableLabels: 16_384,
  nesting: 1_000,
  parameters: 255,
  types: 20_000,
  imports: 10_000,
  functions: 100_000,
  globals: 20_000,
  exports: 20_000,
  tables: 64,
  memories: 16,
  tags: 1_000,
  segments: 20_000,
  elementBytes: 4 << 20,
  bulkOperations: 256,
};
