// The commands of docs/consume.md that ask what changed, run with releases, countries and counts that are there.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { publishRevisions } from '../read/since/publish-revisions.ts';
import { ROOT, runInThisProcess, temporaryFolder } from '../setting.ts';

test('the commands of docs/consume.md that ask what changed run', async (t) => {
  const { folder, releases } = await publishRevisions(t, [[], ['new-round=2026-10-31@TCD']]);
  const cwd = await temporaryFolder(t);
  const page = await readFile(join(ROOT, 'docs/consume.md'), 'utf8');
  const lines = [...page.matchAll(/^npx dtm-exporter ((?:diff|history) SOURCE .*)$/gm)].map(([, line = '']) =>
    line
      .replace(/ +#.*$/, '')
      .replace('2026-11-24.1', releases[0] as string)
      .replace('2026-11-24 2026-12-24', '2026-11-20 2026-11-21')
      .replace('HTI,SDN', 'SDN,TCD')
      .replace('--country SDN', '--country TCD')
      .replace('2026-06-30', '2026-10-31'),
  );
  assert.equal(lines.length, 3);
  for (const line of lines) {
    const args = line.split(' ').map((word) => (word === 'SOURCE' ? folder : word));
    const { exit, stdout, stderr } = await runInThisProcess(args, { cwd });
    assert.deepEqual([exit, stderr], [0, ''], line);
    assert.match(stdout, /Chad|TCD/, line);
  }
  assert.match(await readFile(join(cwd, 'changed.csv'), 'utf8'), /^"table","change",.*\n"admin0","added",/);
});
