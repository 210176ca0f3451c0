// What all downloads say: names of files, and where the figures of a picture come from.
import type { PageData } from '../../charts/page-data.ts';
import type { FrameTexts } from '../charts/framed.ts';
import { isolate } from './element.ts';

/** The name of a file without its ending: `SDN-earthquake-ba-2026-11-28.1`. */
export const fileName = ({ release }: PageData, first: string, ...parts: readonly string[]): string =>
  [first, ...parts.map(plainName).filter((part) => part !== ''), release].join('-');

/** Letters and digits that every system allows in the name of a file. */
const plainName = (text: string): string =>
  text
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^A-Za-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 40)
    .toLowerCase();

/** The notes below a picture, which end with credit line, release, licence and link, and the warning above it. */
export const sourceTexts = (
  { credit, licence, release, synthetic, publicUrl }: PageData,
  notes: readonly string[],
  link: string,
): Pick<FrameTexts, 'notes' | 'warning'> => ({
  notes: [
    ...notes,
    `${isolate(credit ?? '')}. Release ${release}. Licence: ${isolate(licence ?? '')}`,
    // Only a link that others can open: a file or a machine of one's own has no place in a picture.
    ...(publicUrl === null ? [] : [link]),
  ],
  warning: synthetic
    ? 'Invented figures. This is a sample world made by dtm-exporter’s simulator. No number here is about real people or places.'
    : null,
});
