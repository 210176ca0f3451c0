// Elements made by name; what goes into them is text, never markup.

type Child = Node | string | null;
type Attributes = Readonly<Record<string, string | number | boolean | null>>;

/** An element with attributes (null and false are left out, true is empty) and children. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes))
    if (value !== null && value !== false) made.setAttribute(name, value === true ? '' : String(value));
  made.append(...children.filter((child) => child !== null));
  return made;
}

/** Anybody's name, in its own direction. */
export const bdi = (text: string): HTMLElement => element('bdi', {}, text);

/** The element that a page of ours has. @throws {Error} if it has none, which is a mistake in the program */
export function requireElement<E extends Element = HTMLElement>(
  selector: string,
  from: ParentNode = document,
): E {
  const found = from.querySelector<E>(selector);
  if (!found) throw new Error(`the page has no ${selector}`);
  return found;
}

/** A sentence on what happened and what to do about it. */
export const notice = (...said: readonly Child[]): HTMLElement =>
  element('p', { class: 'notice', role: 'status' }, ...said);
