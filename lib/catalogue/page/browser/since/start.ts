// The chooser of "Since the release that you took": a release, or a day. The choice is in the URL (`#since=2026-11-24.1`).
import type { PageData } from '../../charts/page-data.ts';
import type { SinceData } from '../../charts/since-data.ts';
import { sumSteps } from '../../charts/sum-steps.ts';
import { notice, requireElement } from '../elements/element.ts';
import { loadScript } from '../load.ts';
import { dateText } from '../locale.ts';
import { baseUrl } from '../snippets.ts';
import { sinceView } from './view.ts';

declare global {
  var dtmSince: ((data: SinceData) => void) | undefined;
}

const HASH = /^#since=([\d.-]{1,20})$/;

/** Starts the chooser, and follows changes of the URL. */
export function startSince(data: PageData): void {
  const chooser = document.querySelector<HTMLElement>('[data-since-chooser]');
  if (!chooser) return;
  const select = requireElement<HTMLSelectElement>('#since-release');
  const day = requireElement<HTMLInputElement>('#since-day');
  const show = createShow(data, select);
  const choose = (release: string): void => {
    if (release === '') return;
    history.pushState(history.state, '', `#since=${release}`);
    show(release);
  };
  select.addEventListener('change', () => {
    day.value = '';
    choose(select.value);
  });
  day.addEventListener('change', () => {
    if (day.value !== '') choose(releaseOnDay(data, select, day.value));
  });
  const follow = (): void => {
    const release = HASH.exec(location.hash)?.[1];
    if (release === undefined) return;
    show(release);
    requireElement('#since').scrollIntoView();
  };
  window.addEventListener('popstate', follow);
  setCommand(data, select.options[select.options.length - 1]?.value ?? '');
  chooser.hidden = false;
  follow();
}

/** The release that was current at the end of a day in UTC; the day itself if it is older than all in the list. */
function releaseOnDay({ release }: PageData, select: HTMLSelectElement, day: string): string {
  const options = [...select.options].filter(({ value }) => value !== '');
  const isBefore = (published: string): boolean => published.slice(0, 10) <= day;
  const current = requireElement('#since').dataset.published ?? '';
  if (isBefore(current)) return release ?? day;
  return options.find(({ dataset }) => isBefore(dataset.published ?? ''))?.value ?? day;
}

/** Creates a function that shows what differs since a release, or says why it cannot. */
function createShow(data: PageData, select: HTMLSelectElement): (release: string) => Promise<void> {
  const container = requireElement('[data-since]');
  let shown = '';
  return async (release) => {
    shown = release;
    const isListed = [...select.options].some(({ value }) => value === release);
    select.value = isListed ? release : '';
    setCommand(data, release);
    container.setAttribute('aria-busy', 'true');
    const content = await viewOf(data, release, isListed);
    // The reader may have chosen another release meanwhile.
    if (shown !== release) return;
    container.replaceChildren(content);
    container.removeAttribute('aria-busy');
  };
}

async function viewOf(data: PageData, release: string, isListed: boolean): Promise<HTMLElement> {
  if (release === data.release)
    return notice(`${release} is the current release: nothing has changed since.`);
  if (!isListed)
    return notice(
      `This page cannot compare with ${release}: it is older than the releases of the list, was withdrawn, or does not exist. The command below compares with every release that can be compared.`,
    );
  try {
    const loaded = await loadSince(data);
    const since = sumSteps(loaded, release);
    return since
      ? sinceView(since, (code) => loaded.names[code] ?? code)
      : notice(`This page cannot compare with ${dateText(release)}.`);
  } catch (error) {
    return notice((error as Error).message);
  }
}

let loaded: SinceData | undefined;

/** The data; the first call loads them. */
async function loadSince({ since }: PageData): Promise<SinceData> {
  globalThis.dtmSince = (data) => {
    loaded = data;
  };
  await loadScript(since ?? '');
  return loaded as SinceData;
}

/** Puts the address of the dataset and the release into the command. */
function setCommand({ publicUrl }: PageData, release: string): void {
  requireElement('[data-since-command]').textContent =
    `npx dtm-exporter diff ${baseUrl(publicUrl)} ${release}`;
}
