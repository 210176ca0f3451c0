// V8 keeps the memory that the largest answers needed: more than 100 MB. One full collection returns it to the system
// before the files of a release need memory of their own.
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Returns unused memory if less than half of the heap is in use. This takes some hundredths of a second. */
export function returnMemory(): void {
  const { total_heap_size, used_heap_size } = getHeapStatistics();
  if (total_heap_size < 2 * used_heap_size) return;
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options: object) => void;
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
