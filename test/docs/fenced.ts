import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../setting.ts';

/** The first fenced block of a language in a page of the checkout, without its fences. */
export async function fenced(page: string, language: string): Promise<string> {
  const text = await readFile(join(ROOT, page), 'utf8');
  const [, block] = new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(text) ?? [];
  if (block === undefined) throw new Error(`${page} has no block of ${language}`);
  return block;
}
