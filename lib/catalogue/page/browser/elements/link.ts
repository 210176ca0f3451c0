// What links to parts of the page share.
import type { PageData } from '../../charts/page-data.ts';

/** Longer texts of a link are shortened in a sentence. */
const MAX_SHOWN = 60;

/** The page's address without its hash: the public one if it is configured. */
export const pageAddress = ({ publicUrl }: PageData): string =>
  publicUrl === null ? location.href.replace(/#.*$/s, '') : `${publicUrl}index.html`;

/** A text of a link for a sentence. */
export const shorten = (text: string): string =>
  text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
