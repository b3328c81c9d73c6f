/**
 * Where in a function checks are needed, so that no loop goes round without one.
 *
 * A check stands before a branch back to a loop, unless every way from the loop's start to that branch has
 * passed one already: of two loops one in the other only the inner one pays, and a loop that is left in its
 * first round pays nothing. (Before a conditional branch it stands whether or not that is taken.)
 *
 * Control flow is structured, so one pass tells. A check counts for all loops that are open around it;
 * those around which one has been passed are always the outermost ones, so their number says it all.
 *
 * Invariants, of `passed`, the state at the current instruction
 * - On every way from the start of open loop number j (0 is the outermost) to here a check was passed, if `passed > j`.
 * - Where ways meet, the smallest number counts. It never falls along a way, but where a loop is left.
 * - A handler is reached from anywhere in its `try`, so what held at the start of that holds there.
 */

/** No way leads here. */
const UNREACHABLE = 0x7fffffff;
// In place of a loop's number.
const NOT_A_LOOP = -1;
const IF_WITHOUT_ELSE = -2;

export class CheckedLoops {
  /** How many blocks are open, the function itself included. */
  depth = 0;
  #passed = 0;
  #openLoops = 0;
  // By depth: the number of a loop; what held at the start; what holds at the end, as far as branches to it say.
  readonly #loop: Int32Array;
  readonly #atStart: Int32Array;
  readonly #atEnd: Int32Array;

  /** `deepest`: how many blocks may be open at most; the caller sees to it. */
  constructor(deepest: number) {
    this.#loop = new Int32Array(deepest + 1);
    this.#atStart = new Int32Array(deepest + 1);
    this.#atEnd = new Int32Array(deepest + 1);
  }

  /** Begin a function. */
  begin(): void {
    this.depth = 0;
    this.#passed = 0;
    this.#openLoops = 0;
    this.openBlock();
  }

  /** `block`, `try`, `try_table`. */
  openBlock(): void {
    this.#open(NOT_A_LOOP);
  }

  openIf(): void {
    this.#open(IF_WITHOUT_ELSE);
  }

  openLoop(): void {
    this.#open(this.#openLoops++);
  }

  #open(loop: number): void {
    const depth = this.depth++;
    this.#loop[depth] = loop;
    this.#atStart[depth] = this.#passed;
    this.#atEnd[depth] = UNREACHABLE;
  }

  /** The `end` of the innermost block. */
  close(): void {
    const depth = --this.depth;
    const loop = this.#loop[depth]!;
    let passed = this.#passed;
    if (loop >= 0) this.#openLoops--;
    else {
      passed = Math.min(passed, this.#atEnd[depth]!);
      if (loop === IF_WITHOUT_ELSE) passed = Math.min(passed, this.#atStart[depth]!);
    }
    this.#passed = passed === UNREACHABLE ? passed : Math.min(passed, this.#openLoops);
  }

  /** `else`, `catch`, `catch_all`: another way through the innermost block, from its start. */
  alternative(): void {
    const depth = this.depth - 1;
    this.#loop[depth] = NOT_A_LOOP;
    this.#atEnd[depth] = Math.min(this.#atEnd[depth]!, this.#passed);
    this.#passed = this.#atStart[depth]!;
  }

  /** Whether a branch to the label goes back to a loop around which no check was passed. */
  needsCheck(label: number): boolean {
    return this.#passed <= this.#loop[this.depth - 1 - label]!;
  }

  /** A check, here. */
  check(): void {
    if (this.#passed !== UNREACHABLE) this.#passed = this.#openLoops;
  }

  /** A branch to the label, which may be taken. */
  branch(label: number): void {
    const depth = this.depth - 1 - label;
    if (this.#passed < this.#atEnd[depth]!) this.#atEnd[depth] = this.#passed;
  }

  /** Nothing goes on from here to the next instruction. */
  stop(): void {
    this.#passed = UNREACHABLE;
  }
}
