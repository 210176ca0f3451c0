// The floor: nobody can export less than reading the same bytes and parsing them.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { spent, tell } from './spent.ts';

const [folder = ''] = process.argv.slice(2);
let bytes = 0;
let rows = 0;
for (const file of (await readdir(folder)).sort()) {
  const body = await readFile(join(folder, file));
  const { result } = JSON.parse(body.toString()) as { result: unknown[] };
  bytes += body.length;
  if (file.startsWith('admin')) rows += result.length;
}
tell({ ...spent(), bytes, rows });
