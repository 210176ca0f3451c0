// LibreOffice without a window: what it makes of workbooks and CSV files, in a profile of its own.
import { execFile } from 'node:child_process';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { ensureDebian } from './debian.ts';
import { childEnvironment } from './python.ts';

const run = promisify(execFile);

/** Every sheet as CSV in UTF-8, cells as they are shown (true) or as they are held (false): LibreOffice's filter tokens. */
export const everySheet = (shown: boolean): string =>
  `csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,${shown},${shown},false,false,-1`;

/** A CSV file opened as UTF-8 with commas, the language's own numbers, and quoted texts as texts. */
const AS_CSV = ['--infilter=Text - txt - csv (StarCalc):44,34,76,1,,1033,true,true'];

/** Converts files into a folder, all in one process, and resolves to the names of what was made. */
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

/** A line of a PDF's text with its place on the page, in points from the top. */
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

/** The words of a PDF as printed, line by line within a block. */
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
    text: [...words.matchAll(/>([^<]*)<\/word>/g)].map(([, word]) => unescaped(word ?? '')).join(' '),
    box: { left: Number(left), top: Number(top), right: Number(right), bottom: Number(bottom) },
  }));

const unescaped = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
