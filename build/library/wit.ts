/** The types of WIT that AssemblyScript has no word for. */

/** What stands where WIT has nothing: the value of a `result<_, E>` that is ok. */
export class Unit {
  /** The only one needed. */
  static readonly value: Unit = new Unit();
}

function nothing<T>(): T {
  if (isReference<T>()) return changetype<T>(<usize>0);
  // @ts-ignore: T is a number here
  return <T>0;
}

/**
 * `option<T>` of a number or of another option. An option of anything else is `T | null`.
 */
export class Option<T> {
  static some<T>(value: T): Option<T> {
    return new Option<T>(true, value);
  }

  static none<T>(): Option<T> {
    return new Option<T>(false, nothing<T>());
  }

  /** Use `Option.some` and `Option.none`. */
  constructor(
    readonly isSome: bool,
    private readonly content: T,
  ) {}

  get isNone(): bool {
    return !this.isSome;
  }

  /** The value. Traps when there is none. */
  unwrap(): T {
    assert(this.isSome, 'an option without a value was unwrapped');
    return this.content;
  }

  /** The value, or `other` when there is none. */
  unwrapOr(other: T): T {
    return this.isSome ? this.content : other;
  }
}

/** `result<T, E>`; `Unit` stands for a payload that is not there. */
export class Result<T, E> {
  static ok<T, E>(value: T): Result<T, E> {
    return new Result<T, E>(true, value, nothing<E>());
  }

  static err<T, E>(error: E): Result<T, E> {
    return new Result<T, E>(false, nothing<T>(), error);
  }

  /** Use `Result.ok` and `Result.err`. */
  constructor(
    readonly isOk: bool,
    private readonly value: T,
    private readonly error: E,
  ) {}

  get isErr(): bool {
    return !this.isOk;
  }

  /** The value. Traps when this is an error. */
  unwrap(): T {
    assert(this.isOk, 'an error was unwrapped as a value');
    return this.value;
  }

  /** The error. Traps when this is a value. */
  unwrapErr(): E {
    assert(!this.isOk, 'a value was unwrapped as an error');
    return this.error;
  }

  /** The value, or `other` when this is an error. */
  unwrapOr(other: T): T {
    return this.isOk ? this.value : other;
  }
}
