// Creates DOM elements. Strings become text nodes, never markup.

type Child = Node | string | null;
type Attributes = Readonly<Record<string, string | number | boolean | null>>;

/** Creates an element. Attributes that are null or false are left out; true becomes an empty attribute. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes))
    if (value !== null && value !== false) node.setAttribute(name, value === true ? '' : String(value));
  node.append(...children.filter((child) => child !== null));
  return node;
}

/** A name from outside, isolated from the text direction around it. */
export const bdi = (text: string): HTMLElement => element('bdi', {}, text);

/** The same for a text without elements: Unicode's isolates round the name. */
export const isolate = (name: string): string => `\u2068${name}\u2069`;

/** Finds an element that every page has. @throws {Error} if it is missing, which is a bug */
export function requireElement<E extends Element = HTMLElement>(
  selector: string,
  from: ParentNode = document,
): E {
  const found = from.querySelector<E>(selector);
  if (!found) throw new Error(`the page has no ${selector}`);
  return found;
}

/** A paragraph that tells the reader what happened and what to do. */
export const notice = (...children: readonly Child[]): HTMLElement =>
  element('p', { class: 'notice', role: 'status' }, ...children);
