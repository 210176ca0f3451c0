// Snippets with the address at which this page was found, and a button that copies.
import { element } from './elements/element.ts';

/** Where this page's dataset lies, ending in a slash; the public address where the operator said it. */
export const baseUrl = (publicUrl: string | null): string =>
  publicUrl ?? new URL('.', location.href.replace(/[?#].*$/s, '')).href;

/** Fills in the address, and gives every block of code its button. */
export function startSnippets(publicUrl: string | null): void {
  for (const block of document.querySelectorAll<HTMLElement>('.code-block')) block.append(copyButton(block));
  const host = document.querySelector<HTMLElement>('[data-base]');
  if (!host) return;
  const base = baseUrl(publicUrl);
  for (const code of host.querySelectorAll('code'))
    code.textContent = (code.textContent ?? '').replaceAll(host.dataset.base ?? '', () => base);
}

function copyButton(block: HTMLElement): HTMLButtonElement {
  const button = element('button', { type: 'button', class: 'copy' }, 'Copy');
  const say = (text: string): void => {
    button.textContent = text;
    setTimeout(() => {
      button.textContent = 'Copy';
    }, 2000);
  };
  button.setAttribute('aria-live', 'polite');
  button.addEventListener('click', async () => {
    const code = block.querySelector('code') as HTMLElement;
    try {
      await navigator.clipboard.writeText(code.textContent ?? '');
      say('Copied');
    } catch {
      // Without the right to write there, a selection is one key away from it.
      getSelection()?.selectAllChildren(code);
      say('Selected: press Ctrl+C');
    }
  });
  return button;
}
