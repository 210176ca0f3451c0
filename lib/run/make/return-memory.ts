// V8 keeps the memory that the largest answers needed: more than 100 MB. One full collection returns it to the system
// before the files of a release need memory of their own.
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Bytes. A smaller heap is not worth a collection. */
const SMALL_HEAP = 64e6;

/** Returns unused memory of a heap above 64 MB to the system. This takes some hundredths of a second. */
export function returnMemory(): void {
  if (getHeapStatistics().total_heap_size < SMALL_HEAP) return;
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options: object) => void;
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
