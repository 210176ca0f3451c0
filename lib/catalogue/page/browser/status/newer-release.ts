// Tells the reader if this page is out of date: it may have stayed open, or come from a cache.
import { element } from '../elements/element.ts';
import { isFromDisk } from '../load.ts';

/** Shows a notice if another release is current or this one was withdrawn. Shows nothing if `latest.json` cannot be fetched. */
export function watchForNewRelease(release: string | null): void {
  const container = document.querySelector<HTMLElement>('[data-newer]');
  if (!container || isFromDisk()) return;
  const checkLatest = async (): Promise<void> => {
    const latest = await fetch('latest.json', { cache: 'no-cache' })
      .then((response) => (response.ok ? (response.json() as Promise<{ release: string | null }>) : null))
      .catch(() => null);
    if (!latest || latest.release === release) return;
    const words =
      latest.release === null
        ? `Release ${release} was withdrawn, and no other stands. What you took of it should not be used. `
        : `Release ${latest.release} is current now; this page shows ${release}, which was replaced or withdrawn. `;
    const reloadLink = element('a', { href: '' }, 'Load the page again');
    container.replaceChildren(words, reloadLink);
    container.hidden = false;
  };
  checkLatest();
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') checkLatest();
  });
}
