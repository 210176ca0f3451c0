// Chooses the country to show: the one in the URL (`#country=HTI`, link.ts), else, when the section becomes visible, the one with the
// greatest newest figure.
import type { PageData } from '../../charts/page-data.ts';
import { startCombobox } from '../elements/combobox.ts';
import { notice, requireElement } from '../elements/element.ts';
import { loadCharts, loadCountryView, loadPicture, whenVisible } from '../load.ts';
import { countryInHash } from './hash.ts';

/** Starts the chooser, and follows changes of the URL. */
export function startCountry(data: PageData): void {
  const chooser = document.querySelector<HTMLElement>('[data-chooser]');
  if (!chooser) return;
  const container = requireElement('[data-picture]');
  const box = startCombobox(
    requireElement<HTMLInputElement>('#country'),
    requireElement('#countries'),
    (code) => {
      if (countryInHash(location.hash) === code) return;
      history.pushState(history.state, '', `#country=${code}`);
      show(code);
    },
  );
  let shown = '';
  const show = async (code: string, isLinked = false): Promise<void> => {
    box.show(code);
    const hash = location.hash;
    if (shown === `${code} ${hash}`) return;
    shown = `${code} ${hash}`;
    container.setAttribute('aria-busy', 'true');
    const content = await viewOf(data, code, (next) => {
      shown = `${code} ${next}`;
    });
    // The user may have chosen another country meanwhile.
    if (shown !== `${code} ${hash}`) return;
    container.replaceChildren(content);
    container.removeAttribute('aria-busy');
    // Not the container is live: a screen reader would read all of a new operation's tables.
    const title = content.querySelector('h3')?.textContent;
    requireElement('[data-picture-said]').textContent = title ? `${title} is shown.` : content.textContent;
    if (isLinked) linkedPart(content, hash)?.scrollIntoView();
  };
  const follow = (): void => {
    const inHash = countryInHash(location.hash);
    // A link to another section leaves the country as it is.
    if (inHash === null && location.hash !== '') return;
    const isOtherCountry = !shown.startsWith(`${inHash} `);
    const code = inHash ?? (shown === '' ? null : defaultCountry(data));
    if (code !== null) show(code, isOtherCountry);
    if (inHash !== null && isOtherCountry) requireElement('#picture').scrollIntoView();
  };
  chooser.hidden = false;
  window.addEventListener('popstate', follow);
  if (countryInHash(location.hash) !== null) follow();
  else whenVisible(container, () => shown === '' && show(defaultCountry(data)));
}

/** The view of a country as the URL says. `onHash` gets the hash of each later choice. */
async function viewOf(data: PageData, code: string, onHash: (hash: string) => void): Promise<HTMLElement> {
  if (!Object.hasOwn(data.pictures, code))
    return notice(`This release has no figures for ${code}. Choose another country.`);
  try {
    const [charts, view, picture] = await Promise.all([
      loadCharts(data),
      loadCountryView(data),
      loadPicture(data, code),
    ]);
    return view.create({
      charts,
      data,
      picture,
      hash: countryInHash(location.hash) === code ? location.hash : '',
      onHash: (hash, entry) => {
        onHash(hash);
        history[entry === 'push' ? 'pushState' : 'replaceState'](history.state, '', hash);
      },
    });
  } catch (error) {
    return notice((error as Error).message);
  }
}

/** The chart that a link names, if it is not the first one. */
const linkedPart = (content: HTMLElement, hash: string): Element | null =>
  content.querySelector(
    /[&]area(-name)?=/.test(hash) ? '.areas' : /[&]operation=/.test(hash) ? '.large-title' : ':not(*)',
  );

/** The country with the greatest figure in the table of newest counts. */
function defaultCountry({ pictures }: PageData): string {
  const rows = [...document.querySelectorAll<HTMLTableRowElement>('#freshness-table tbody tr')];
  const figures = rows.map((row) => ({
    country: row.dataset.country ?? '',
    figure: Number(row.cells[row.cells.length - 1]?.dataset.sort ?? 0),
  }));
  return figures.reduce((greatest, next) => (next.figure > greatest.figure ? next : greatest), {
    country: Object.keys(pictures)[0] ?? '',
    figure: 0,
  }).country;
}
