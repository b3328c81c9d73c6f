/** Counts the items of a batch (log records, spans, metric data points) without decoding it. */
import type { Batch, Signal } from '../batch.ts';
import { WireReader } from './wire-reader.ts';

/** Field numbers from the request down to the item; several where a `oneof` has several lists. */
const paths: Readonly<Record<Signal, readonly (readonly number[])[]>> = {
  logs: [[1], [2], [2]],
  traces: [[1], [2], [2]],
  metrics: [[1], [2], [2], [5, 7, 9, 10, 11], [1]],
};

/** @throws MalformedOtlpError when lengths do not fit together */
export function countItems(batch: Batch): number {
  return countAt(new WireReader(batch.bytes), batch.bytes.length, paths[batch.signal], 0);
}

function countAt(
  reader: WireReader,
  end: number,
  path: readonly (readonly number[])[],
  level: number,
): number {
  const wanted = path[level]!;
  const last = level === path.length - 1;
  let count = 0;
  while (reader.at < end) {
    const tag = reader.tag(end);
    if ((tag & 7) !== 2 || !wanted.includes(tag >>> 3)) reader.skip(tag, end);
    else if (last) {
      reader.at = reader.delimited(end);
      count += 1;
    } else count += countAt(reader, reader.delimited(end), path, level + 1);
  }
  return count;
}
