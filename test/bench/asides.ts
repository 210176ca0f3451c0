// Puts the stopwatch around what Node does for the code under measure. It must run before any module of lib/ is loaded:
// they take `gzip` from node:zlib when they are.
import { Hash } from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import zlib from 'node:zlib';
import type { Store } from '../../lib/store/store.ts';
import type { Stopwatch } from './stopwatch.ts';

/** gzip or gunzip: the input, perhaps options, and at last the callback. */
type Zip = (...args: unknown[]) => unknown;

/** From here on gzip, gunzip and SHA-256 are rows of their own. */
export function setAside({ aside }: Stopwatch): void {
  const timedZip =
    (name: string, zip: Zip): Zip =>
    (...args) => {
      const done = args.pop() as Zip;
      const work = () =>
        new Promise<unknown[]>((resolve) => zip(...args, (...said: unknown[]) => resolve(said)));
      void aside(name, work).then((said) => done(...said));
    };
  zlib.gzip = timedZip('gzip', zlib.gzip as unknown as Zip) as unknown as typeof zlib.gzip;
  zlib.gunzip = timedZip('gunzip', zlib.gunzip as unknown as Zip) as unknown as typeof zlib.gunzip;
  syncBuiltinESMExports();
  const { update, digest } = Hash.prototype;
  Object.assign(Hash.prototype, {
    update(this: Hash, ...args: Parameters<typeof update>) {
      return aside('SHA-256', () => update.apply(this, args));
    },
    digest(this: Hash, ...args: Parameters<typeof digest>) {
      return aside('SHA-256', () => digest.apply(this, args));
    },
  });
}

/** A store whose reading and writing are rows of their own. */
export const timedStore = (store: Store, { aside }: Stopwatch): Store => ({
  ...store,
  get: (...args) => aside('files read', () => store.get(...args)),
  head: (...args) => aside('files read', () => store.head(...args)),
  put: (...args) => aside('files written', () => store.put(...args)),
});
