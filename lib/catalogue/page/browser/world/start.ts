// The section "World": shows one count for each country on the map, in the ranked list and in the table.
import type { PageData } from '../../charts/page-data.ts';
import { bdi, element, notice, requireElement } from '../elements/element.ts';
import type { OperationAge } from '../freshness/ages.ts';
import { loadMap, whenVisible } from '../load.ts';
import { dateText } from '../locale.ts';
import { chosenCounts, type World, type WorldChoice, withOwnCount } from './choice/choice.ts';
import { followMapHistory } from './choice/history.ts';
import { readMapHash, writeMapHash } from './choice/link.ts';
import { choiceWords, ruleChooser } from './choice/rules.ts';
import { readCounts, type WorldCount } from './counts.ts';
import { showList } from './list.ts';
import type { WorldMap } from './map.ts';
import { followLink, openCountry } from './open-country.ts';
import { showTable } from './table.ts';

/** Starts the section; the map is loaded when it is visible. */
export function startWorld(data: PageData, operations: readonly OperationAge[]): void {
  const section = document.querySelector<HTMLElement>('#world');
  if (!section || operations.length === 0) return;
  const world: World = { counts: readCounts(data, operations), day: data.day ?? '' };
  const greatest = Math.max(1, ...world.counts.map(({ idps }) => idps ?? 0));
  const drawMap = startMap(section, { data, greatest });
  const notices = element('div');
  const chooser = ruleChooser(world, (rule) => choose({ rule, own: [] }));
  const show = (choice: WorldChoice): void => {
    const chosen = chosenCounts(world, choice);
    const onChoose = (count: WorldCount): void => choose(withOwnCount(world, choice, count));
    chooser.show(choice.rule);
    requireElement('[data-rule-words]', section).textContent = choiceWords(choice, dateText(world.day));
    showList(requireElement('.ranked', section), chosen, greatest);
    showTable(requireElement('#world-table tbody', section), { chosen, counts: world.counts, onChoose });
    drawMap(chosen, choice);
  };
  const choose = (choice: WorldChoice): void => {
    notices.replaceChildren();
    show(choice);
    mapHistory.push(writeMapHash(choice));
  };
  requireElement('[data-rule]', section).append(chooser.node);
  requireElement('.rule', section).after(notices);
  section.addEventListener('click', followLink);
  const mapHistory = followMapHistory((hash) => {
    const link = readMapHash(world, hash);
    notices.replaceChildren(...link.notices.map((text) => notice(text)));
    show(link.choice);
  });
}

/** Loads the map when it is visible. Returns a function that draws these counts, at once or as soon as the map is there. */
function startMap(
  section: HTMLElement,
  { data, greatest }: { data: PageData; greatest: number },
): (counts: readonly WorldCount[], choice: WorldChoice) => void {
  const container = requireElement('[data-map]', section);
  let map: WorldMap | undefined;
  let draw = (): void => {};
  const load = async (): Promise<void> => {
    try {
      map = (await loadMap(data)).create({ container, data, greatest, onOpen: openCountry });
      draw();
    } catch (error) {
      container.replaceChildren(notice((error as Error).message));
    }
  };
  markFromList(requireElement('.ranked', section), (code) => map?.mark(code));
  whenVisible(container, load, 0);
  return (counts, choice) => {
    draw = () => {
      if (map) showAbsent(requireElement('[data-off-map]', section), map.show(counts, choice));
    };
    draw();
  };
}

/** Marks the circle of the country that the reader points at in the list. */
function markFromList(list: HTMLElement, mark: (code: string | null) => void): void {
  for (const type of ['pointerover', 'focusin'])
    list.addEventListener(type, ({ target }) =>
      mark((target as Element).closest<HTMLElement>('a[data-code]')?.dataset.code ?? null),
    );
  for (const type of ['pointerleave', 'focusout']) list.addEventListener(type, () => mark(null));
}

/** Names the countries that the map has no place for: the table has their figures. */
function showAbsent(line: HTMLElement, absent: readonly WorldCount[]): void {
  line.hidden = absent.length === 0;
  const names = absent.flatMap(({ name }, at) => [at === 0 ? '' : ', ', bdi(name)]);
  line.replaceChildren('Not on the map, but in the table: ', ...names, '.');
}
