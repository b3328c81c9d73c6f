/**
 * A capability as the engine knows it: one WIT interface, its name in configurations, and its
 * TypeScript face. What a node gets for a contract is a *binding*: a stable object with the
 * contract's methods, re-pointed by the supervisor when the extension behind it is replaced.
 */

/** A contract. `T` is the interface of its bindings. */
export interface CapabilityContract<T> {
  /** How configurations name it, e.g. `rate-limiter`. */
  readonly name: string;
  /** The WIT interface that a provider exports, e.g. `weir:capability/rate-limiter@0.1.0`. */
  readonly interface: string;
  /** One line for a person. */
  readonly description: string;
  /**
   * Its functions by camelCase name, each with its type as `signature` of host/component writes it. A provider
   * whose exports differ is refused. An `async func` returns a promise.
   */
  readonly functions: { readonly [K in keyof T & string]: string };
}

/**
 * A node's handle on the capabilities that its configuration binds. A capability can be claimed at
 * most once per node; a second claim throws `WEIR_CAPABILITY_ALREADY_CLAIMED`.
 */
export interface Capabilities {
  /** The binding of `contract`. @throws WeirError `WEIR_CAPABILITY_NOT_BOUND` when the node binds none. */
  require<T>(contract: CapabilityContract<T>): T;
  /** The binding of `contract`, or undefined when the node binds none. */
  optional<T>(contract: CapabilityContract<T>): T | undefined;
}
