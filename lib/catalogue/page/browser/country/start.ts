// Which country is shown: what the address says (`#country=HTI`), else the one with the most people present, once the
// picture is seen.
import { startCombobox } from '../elements/combobox.ts';
import { need, notice } from '../elements/element.ts';
import { loadCharts, loadPicture, type PageData, whenSeen } from '../load.ts';
import { countryView } from './view.ts';

const HASH = /^#country=([A-Za-z]{3})$/;

/** Starts the chooser, and follows the address. */
export function startCountry(data: PageData): void {
  const chooser = document.querySelector<HTMLElement>('[data-chooser]');
  if (!chooser) return;
  const place = need('[data-picture]');
  const box = startCombobox(need<HTMLInputElement>('#country'), need('#countries'), (code) => {
    if (wantedCountry() === code) return;
    history.pushState(null, '', `#country=${code}`);
    show(code);
  });
  let shown = '';
  const show = async (code: string): Promise<void> => {
    box.show(code);
    if (shown === code) return;
    shown = code;
    place.setAttribute('aria-busy', 'true');
    const content = await viewOf(data, code);
    // Another may have been chosen meanwhile.
    if (shown !== code) return;
    place.replaceChildren(content);
    place.removeAttribute('aria-busy');
  };
  const follow = (): void => {
    const code = wantedCountry() ?? (shown === '' ? null : usualCountry(data));
    if (code !== null) show(code);
    if (wantedCountry() !== null) need('#picture').scrollIntoView();
  };
  chooser.hidden = false;
  window.addEventListener('popstate', follow);
  if (wantedCountry() !== null) follow();
  else whenSeen(place, () => shown === '' && show(usualCountry(data)));
}

const wantedCountry = (): string | null => HASH.exec(location.hash)?.[1]?.toUpperCase() ?? null;

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

/** The country of the greatest newest figure. */
function usualCountry({ pictures }: PageData): string {
  const rows = [...document.querySelectorAll<HTMLTableRowElement>('#freshness-table tbody tr')];
  const figures = rows.map((row) => ({
    country: row.dataset.country ?? '',
    figure: Number(row.cells[row.cells.length - 1]?.dataset.sort ?? 0),
  }));
  return figures.reduce((most, one) => (one.figure > most.figure ? one : most), {
    country: Object.keys(pictures)[0] ?? '',
    figure: 0,
  }).country;
}
