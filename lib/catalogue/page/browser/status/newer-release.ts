// Whether this page is still that of the newest release: a page may have been kept open, or by something between.
import { element } from '../elements/element.ts';
import { isFromDisk } from '../load.ts';

/** Says so where another release has been published, or this one was taken back; nothing where that cannot be known. */
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
    const again = element('a', { href: '' }, 'Load the page again');
    container.replaceChildren(words, again);
    container.hidden = false;
  };
  checkLatest();
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') checkLatest();
  });
}
