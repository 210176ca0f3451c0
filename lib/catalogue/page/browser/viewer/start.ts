// The button that loads the viewer of Parquet files. The viewer's script is large, so it loads only on request.
import type { PageData } from '../../charts/page-data.ts';
import { element, notice } from '../elements/element.ts';
import { isFromDisk, loadViewer } from '../load.ts';

/** Adds the button, or a notice if the page was opened from disk. */
export function startReader(data: PageData): void {
  const container = document.querySelector<HTMLElement>('[data-viewer]');
  if (!container) return;
  if (isFromDisk()) {
    container.append(
      notice(
        'This page was opened from disk, where a browser lets it read no files. Run ',
        element('code', {}, 'npx dtm-exporter serve FOLDER'),
        ' and open the address that it prints. The downloads above work here too.',
      ),
    );
    return;
  }
  const button = element('button', { type: 'button', class: 'primary' }, 'Show the first rows of a file');
  button.addEventListener('click', async () => {
    button.disabled = true;
    try {
      const { open } = await loadViewer(data);
      await open(container);
    } catch (error) {
      button.disabled = false;
      container.replaceChildren(button, notice((error as Error).message));
    }
  });
  container.append(button);
}
