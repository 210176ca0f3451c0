// Every snippet that a person sees is run by a test, or it is said why it cannot be.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../setting.ts';
import { FAMILIES, RUN_BY, type Run, shownSnippets } from './shown.ts';

const runOf = ({ place, line }: { place: string; line: string }): Run | undefined =>
  FAMILIES[place] ?? RUN_BY[place]?.[line];

test('every snippet that is shown is listed with the test that runs it, or why none can', async () => {
  const shown = await shownSnippets();
  assert.ok(shown.length > 40, `${shown.length} snippets`);
  assert.deepEqual(
    shown.filter((snippet) => !runOf(snippet)),
    [],
  );
});

test('nothing is listed that is not shown any more', async () => {
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

test('every test in the list exists, and every reason is a sentence', async () => {
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
