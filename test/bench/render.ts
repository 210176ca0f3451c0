// Renders the report for people: in a terminal and in docs/performance.md.
import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Line } from './rows/line.ts';

const PAGE = resolve(import.meta.dirname, '../../docs/performance.md');
const [BEGIN, END] = ['<!-- npm run bench -- --docs -->', '<!-- end -->'];

const HEAD = ['what', 'measured', 'target', 'look further', 'verdict'];
const cellsOf = (line: Line): string[] => [line.what, line.measured, line.target, line.further, line.verdict];

/** The lines as an aligned table. */
export function table(lines: readonly Line[]): string {
  const rows = [HEAD, ...lines.map(cellsOf)];
  const widths = HEAD.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const pad = (row: readonly string[]) => row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ');
  return rows.map((row) => pad(row).trimEnd()).join('\n');
}

/** The lines as a Markdown table. */
export function markdown(lines: readonly Line[]): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [row(HEAD), row(HEAD.map(() => '---')), ...lines.map((line) => row(cellsOf(line)))].join('\n');
}

/** Replaces the text between the two marks of the page. */
export function withResult(page: string, result: string): string {
  const [before, after] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (before < 0 || after < before) throw new Error(`docs/performance.md lacks ${BEGIN} or ${END}`);
  return `${page.slice(0, before)}${BEGIN}\n\n${result}\n\n${page.slice(after)}`;
}

/** Writes a result into docs/performance.md. */
export async function writePage(result: string): Promise<void> {
  await writeFile(PAGE, withResult(await readFile(PAGE, 'utf8'), result));
}
