// A combobox whose list is filtered while the user types (WAI-ARIA Authoring Practices: editable combobox with list autocomplete).

export interface Combobox {
  /** Selects an option without a call of `onChoose`. */
  show(code: string): void;
}

/** Lower case without diacritics, for the search. */
const plain = (text: string): string => text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();

/** Starts a combobox; `onChoose` gets the code of the option that the user chose. */
export function startCombobox(
  input: HTMLInputElement,
  list: HTMLElement,
  onChoose: (code: string) => void,
): Combobox {
  const options = [...list.querySelectorAll<HTMLElement>('[role=option]')];
  const searchTexts = new Map(options.map((option) => [option, plain(option.textContent ?? '')]));
  let chosen = '';
  let active: HTMLElement | undefined;

  const shown = (): HTMLElement[] => options.filter((option) => !option.hidden);
  const mark = (option: HTMLElement | undefined): void => {
    active?.removeAttribute('data-active');
    active = option;
    option?.setAttribute('data-active', '');
    option?.scrollIntoView({ block: 'nearest' });
    if (option) input.setAttribute('aria-activedescendant', option.id);
    else input.removeAttribute('aria-activedescendant');
  };
  const open = (): void => {
    list.hidden = shown().length === 0;
    input.setAttribute('aria-expanded', String(!list.hidden));
  };
  const write = (): void => {
    input.value = nameOf(options.find(({ dataset }) => dataset.code === chosen));
    // The new text is not selected, and what the user types next would be added to it.
    if (document.activeElement === input) input.select();
  };
  const close = (): void => {
    list.hidden = true;
    input.setAttribute('aria-expanded', 'false');
    mark(undefined);
    write();
  };
  const narrow = (typed: string): void => {
    const needle = plain(typed).trim();
    for (const option of options) option.hidden = !searchTexts.get(option)?.includes(needle);
    const [first] = shown();
    mark(needle === '' ? undefined : first);
    open();
  };
  const choose = (option: HTMLElement | undefined): void => {
    if (!option) return;
    show(option.dataset.code ?? '');
    close();
    onChoose(chosen);
  };
  function show(code: string): void {
    chosen = code;
    for (const option of options) option.setAttribute('aria-selected', String(option.dataset.code === code));
    // Do not change the input while the user is choosing.
    if (list.hidden) write();
  }
  const step = (by: number): void => {
    if (list.hidden) narrow('');
    const all = shown();
    const at = active ? all.indexOf(active) + by : by > 0 ? 0 : -1;
    mark(all.at(at % (all.length || 1)));
  };

  input.addEventListener('focus', () => input.select());
  input.addEventListener('click', () => (list.hidden ? narrow('') : undefined));
  input.addEventListener('input', () => narrow(input.value));
  input.addEventListener('blur', close);
  input.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown') step(1);
    else if (event.key === 'ArrowUp') step(-1);
    else if (event.key === 'Enter' && !list.hidden) choose(active);
    else if (event.key === 'Escape' && !list.hidden) close();
    else return;
    event.preventDefault();
  });
  // A click on an option must not move the focus: a blur closes the list before the click arrives.
  list.addEventListener('pointerdown', (event) => event.preventDefault());
  list.addEventListener('click', (event) =>
    choose((event.target as Element).closest<HTMLElement>('[role=option]') ?? undefined),
  );
  return { show };
}

const nameOf = (option: HTMLElement | undefined): string => option?.querySelector('bdi')?.textContent ?? '';
