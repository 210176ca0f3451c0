// Puts the page's address into the snippets, and a copy button on every block of code.
import { element } from './elements/element.ts';

/** The dataset's address, ending in a slash: the public address if it is configured, else that of this page. */
export const baseUrl = (publicUrl: string | null): string =>
  publicUrl ?? new URL('.', location.href.replace(/[?#].*$/s, '')).href;

/** Adds the copy buttons and fills in the address. */
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
      // Without permission to write to the clipboard, select the code: one key press then copies it.
      getSelection()?.selectAllChildren(code);
      say('Selected: press Ctrl+C');
    }
  });
  return button;
}
