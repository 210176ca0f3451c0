// The bar under a chart: saves exactly what is shown, and copies a link to it.
import { element } from './element.ts';
import { pngBlob, saveFile, svgText, textBlob } from './save.ts';

/** What a chart shows at the moment. */
export interface Shown {
  /** The file's name without its ending. */
  readonly name: string;
  readonly csv: () => string;
  /** A picture that explains itself; its width and height are pixels. */
  readonly svg: () => SVGSVGElement;
}

export interface DownloadBarOptions {
  /** What is shown, for screen readers: `the chart of all operations`. */
  readonly label: string;
  readonly shown: () => Shown;
  /** The address of what is shown. */
  readonly link: () => string;
}

/** Creates the bar. It asks for what is shown at each click. */
export function downloadBar({ label, shown, link }: DownloadBarOptions): HTMLElement {
  const said = element('span', { class: 'said', role: 'status' });
  const address = element('input', {
    type: 'text',
    readonly: true,
    hidden: true,
    'aria-label': `Link to ${label}`,
  });
  const save = async (ending: string, make: (what: Shown) => Blob | Promise<Blob>): Promise<void> => {
    try {
      const what = shown();
      saveFile(`${what.name}.${ending}`, await make(what));
      said.textContent = `Saved ${what.name}.${ending}`;
    } catch (error) {
      said.textContent = (error as Error).message;
    }
  };
  const button = (words: string, onClick: () => void): HTMLButtonElement => {
    const node = element('button', { type: 'button', 'aria-label': `${words}: ${label}` }, words);
    node.addEventListener('click', onClick);
    return node;
  };
  return element(
    'div',
    { class: 'download-bar', role: 'group', 'aria-label': `Take ${label}` },
    element('span', { class: 'hint' }, 'Take what is shown:'),
    button('CSV', () => save('csv', ({ csv }) => textBlob(csv(), 'csv'))),
    button('PNG', () => save('png', ({ svg }) => pngBlob(svg()))),
    button('SVG', () => save('svg', ({ svg }) => textBlob(svgText(svg()), 'svg'))),
    button('Copy link', async () => {
      said.textContent = await copy(link(), address);
    }),
    address,
    said,
  );
}

/** Copies an address. Without permission to write to the clipboard, it is shown and selected: one key press then copies it. */
async function copy(link: string, address: HTMLInputElement): Promise<string> {
  try {
    await navigator.clipboard.writeText(link);
    address.hidden = true;
    return 'Link copied';
  } catch {
    address.value = link;
    address.hidden = false;
    address.select();
    return 'Link selected: press Ctrl+C';
  }
}
