// Keeps the map's choice in the browser's history. Each entry has it in its state, because the address of an entry may be
// that of another part of the page.
import { requireElement } from '../../elements/element.ts';
import { isMapHash } from './link.ts';

interface EntryState {
  /** The hash of the map that was shown. */
  readonly map?: string;
}

/** Puts the reader's choices into the history. */
export interface MapHistory {
  push(hash: string): void;
}

/** Calls `show` with the hash of the map, at once and when the reader goes back or forward or follows a link. */
export function followMapHistory(show: (hash: string) => void): MapHistory {
  let shown: string | undefined;
  const follow = (): void => {
    const { map } = (history.state ?? {}) as EntryState;
    // A new entry without a link to a map leaves the map as it is.
    const hash = isMapHash(location.hash) ? location.hash : (map ?? shown ?? '');
    if (hash !== shown) show(hash);
    shown = hash;
    if (isMapHash(location.hash) && map === undefined) requireElement('#world').scrollIntoView();
    history.replaceState({ ...history.state, map: hash }, '');
  };
  window.addEventListener('popstate', follow);
  follow();
  return {
    push: (hash) => {
      shown = hash;
      history.pushState({ map: hash }, '', hash);
    },
  };
}
