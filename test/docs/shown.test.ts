// A test runs every snippet that a person sees, or the list says why it cannot.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../setting.ts';
import { FAMILIES, RUN_BY, type Run, shownSnippets } from './shown.ts';

const runOf = ({ place, line }: { place: string; line: string }): Run | undefined =>
  FAMILIES[place] ?? RUN_BY[place]?.[line];

test('every snippet shown is listed with the test that runs it or the reason why none can', async () => {
  const shown = await shownSnippets();
  assert.ok(shown.length > 40, `${shown.length} snippets`);
  assert.deepEqual(
    shown.filter((snippet) => !runOf(snippet)),
    [],
  );
});

test('every listed snippet is still shown', async () => {
  const shown = (await shownSnippets()).map(({ place, line }) => `${place} | ${line}`);
  const listed = [
    ...Object.keys(FAMILIES).map((place) => `${place} | `),
    ...Object.entries(RUN_BY).flatMap(([place, runs]) =>
      Object.keys(runs).map((line) => `${place} | ${line}`),
    ),
  ];
  assert.deepEqual(
    listed.filter((one) => !shown.includes(one)),
    [],
  );
});

test('every listed test exists, and every reason has more than 15 characters', async () => {
  const runs = [...Object.values(FAMILIES), ...Object.values(RUN_BY).flatMap((each) => Object.values(each))];
  for (const run of runs) {
    if ('cannot' in run) assert.ok(run.cannot.length > 15, run.cannot);
    else {
      const [file, name] = run;
      const text = (await readFile(join(ROOT, file), 'utf8')).replaceAll("\\'", "'");
      assert.ok(text.includes(name), `${file}: ${name}`);
    }
  }
});
