/**
 * The host's log, called with whatever pointers one likes: what a guest could do whose language does not
 * make its arguments for it. (Excluded from the formatter, which does not know decorators on functions.)
 */

// @ts-ignore: decorator
@external('weir:extension/log@0.1.0', 'write')
export declare function writeUnchecked(
  level: i32,
  message: usize,
  length: usize,
  fields: usize,
  count: usize,
): void;
