// Converts workbooks and CSV files with LibreOffice, without a window and with a profile of its own.
import { execFile } from 'node:child_process';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { ensureDebian } from '../ensure-debian.ts';
import { childEnvironment } from './python-environment.ts';

const run = promisify(execFile);

/** LibreOffice's filter tokens: every sheet as CSV in UTF-8, with cells as shown (true) or as stored (false). */
export const everySheet = (shown: boolean): string =>
  `csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,${shown},${shown},false,false,-1`;

/** Opens a CSV file as UTF-8 with commas, English numbers, and quoted fields as texts. */
const AS_CSV = ['--infilter=Text - txt - csv (StarCalc):44,34,76,1,,1033,true,true'];

/** Converts files into a folder in one process, and returns the names in the folder. */
export async function convert(
  files: readonly string[],
  to: string,
  into: string,
): Promise<readonly string[]> {
  await ensureDebian({ command: 'soffice', packages: ['libreoffice-calc-nogui'] });
  await mkdir(into, { recursive: true });
  const profile = `-env:UserInstallation=${pathToFileURL(join(into, '..', 'libreoffice-profile')).href}`;
  const filters = files.every((file) => file.endsWith('.csv')) ? AS_CSV : [];
  await run('soffice', ['--headless', profile, ...filters, '--convert-to', to, '--outdir', into, ...files], {
    env: childEnvironment({ LC_ALL: 'C.UTF-8' }),
    maxBuffer: 1 << 26,
  });
  return (await readdir(into)).sort();
}

/** A line of a PDF's text with its position on the page, in points from the top left corner. */
export interface PrintedLine {
  readonly page: number;
  readonly text: string;
  readonly box: {
    readonly left: number;
    readonly top: number;
    readonly right: number;
    readonly bottom: number;
  };
}

/** The lines of a PDF's text, in print order within a block. */
export async function printedLines(pdf: string): Promise<PrintedLine[]> {
  await ensureDebian({ command: 'pdftotext', packages: ['poppler-utils'] });
  const { stdout } = await run('pdftotext', ['-bbox-layout', pdf, '-'], { maxBuffer: 1 << 28 });
  return stdout
    .split('<page ')
    .slice(1)
    .flatMap((page, at) => linesOf(page, at + 1));
}

const LINE = /<line xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*?)<\/line>/gs;

const linesOf = (page: string, number: number): PrintedLine[] =>
  [...page.matchAll(LINE)].map(([, left, top, right, bottom, words = '']) => ({
    page: number,
    text: [...words.matchAll(/>([^<]*)<\/word>/g)].map(([, word]) => decodeEntities(word ?? '')).join(' '),
    box: { left: Number(left), top: Number(top), right: Number(right), bottom: Number(bottom) },
  }));

const decodeEntities = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
