// The documents as a reader walks through them: every link resolves, and every page is found from README.
import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, normalize } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../setting.ts';

const read = (path: string): Promise<string> => readFile(join(ROOT, path), 'utf8');

/** A page without its fenced blocks: neither links nor titles are in them. */
const proseOf = async (page: string): Promise<string> =>
  (await read(page)).replaceAll(/^```[\s\S]*?^```$/gm, '');

const listDocs = async (): Promise<string[]> =>
  (await readdir(join(ROOT, 'docs'))).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`);

interface Link {
  readonly page: string;
  /** From the root; the page itself for a link such as `#title`. */
  readonly target: string;
  readonly anchor: string | null;
}

/** The links of a page that lead to files of this repository. */
async function linksOf(page: string): Promise<Link[]> {
  return [...(await proseOf(page)).matchAll(/\]\((?!\w+:)([^)#]*)(?:#([^)]*))?\)/g)].map(
    ([, path = '', anchor = null]) => ({
      page,
      target: path === '' ? page : normalize(join(page, '..', path)),
      anchor,
    }),
  );
}

/** The anchors of a page, made from its titles as GitHub makes them. */
async function anchorsOf(page: string): Promise<Set<string>> {
  const anchors = new Set<string>();
  for (const [, title = ''] of (await proseOf(page)).matchAll(/^#+ (.*)$/gm)) {
    const slug = title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
      .replaceAll(' ', '-');
    let [anchor, count] = [slug, 0];
    while (anchors.has(anchor)) anchor = `${slug}-${++count}`;
    anchors.add(anchor);
  }
  return anchors;
}

test('every relative link and every anchor in README, CONTRIBUTING, CHANGELOG and docs resolves', async () => {
  const pages = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...(await listDocs())];
  const links = (await Promise.all(pages.map(linksOf))).flat();
  assert.ok(links.length > 60, `${links.length} links`);
  assert.ok(links.filter(({ anchor }) => anchor).length > 5);
  for (const { page, target, anchor } of links) {
    await assert.doesNotReject(stat(join(ROOT, target)), `${page}: ${target}`);
    if (anchor) assert.ok((await anchorsOf(target)).has(anchor), `${page}: ${target}#${anchor}`);
  }
});

test('README is under 10,000 bytes', async () => {
  const { size } = await stat(join(ROOT, 'README.md'));
  assert.ok(size < 10_000, `${size} bytes`);
});

test('every page of docs/ and every JSON Schema is linked from README or from a page that README links to', async () => {
  const first = (await linksOf('README.md')).map(({ target }) => target);
  const second = await Promise.all(first.filter((target) => target.endsWith('.md')).map(linksOf));
  const found = new Set([...first, ...second.flat().map(({ target }) => target)]);
  const schemas = (await readdir(join(ROOT, 'docs/schemas'))).map((name) => `docs/schemas/${name}`);
  for (const page of [...(await listDocs()), ...schemas]) assert.ok(found.has(page), page);
});
