// Chooses the country to show: the one in the URL (`#country=HTI`), else, when the section becomes visible, the one with the
// greatest newest figure.
import { startCombobox } from '../elements/combobox.ts';
import { notice, requireElement } from '../elements/element.ts';
import { loadCharts, loadPicture, type PageData, whenVisible } from '../load.ts';
import { countryView } from './view.ts';

const HASH = /^#country=([A-Za-z]{3})$/;

/** Starts the chooser, and follows changes of the URL. */
export function startCountry(data: PageData): void {
  const chooser = document.querySelector<HTMLElement>('[data-chooser]');
  if (!chooser) return;
  const container = requireElement('[data-picture]');
  const box = startCombobox(
    requireElement<HTMLInputElement>('#country'),
    requireElement('#countries'),
    (code) => {
      if (countryInHash() === code) return;
      history.pushState(null, '', `#country=${code}`);
      show(code);
    },
  );
  let shown = '';
  const show = async (code: string): Promise<void> => {
    box.show(code);
    if (shown === code) return;
    shown = code;
    container.setAttribute('aria-busy', 'true');
    const content = await viewOf(data, code);
    // The user may have chosen another country meanwhile.
    if (shown !== code) return;
    container.replaceChildren(content);
    container.removeAttribute('aria-busy');
  };
  const follow = (): void => {
    const code = countryInHash() ?? (shown === '' ? null : defaultCountry(data));
    if (code !== null) show(code);
    if (countryInHash() !== null) requireElement('#picture').scrollIntoView();
  };
  chooser.hidden = false;
  window.addEventListener('popstate', follow);
  if (countryInHash() !== null) follow();
  else whenVisible(container, () => shown === '' && show(defaultCountry(data)));
}

const countryInHash = (): string | null => HASH.exec(location.hash)?.[1]?.toUpperCase() ?? null;

async function viewOf(data: PageData, code: string): Promise<HTMLElement> {
  if (!Object.hasOwn(data.pictures, code))
    return notice(`This release has no figures for ${code}. Choose another country.`);
  try {
    const [charts, picture] = await Promise.all([loadCharts(data), loadPicture(data, code)]);
    return countryView(picture, charts);
  } catch (error) {
    return notice((error as Error).message);
  }
}

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
