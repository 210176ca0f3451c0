// A run ends as unchanged only if all files of the current release exist.
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { readCurrent } from '../../lib/catalogue/pointer.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { verifyRelease } from '../../lib/verify/verify.ts';
import { exportInto, simulator, temporaryFolder } from '../setting.ts';

const RUNS = ['2026-11-24T05-00-00Z', '2026-11-24T06-00-00Z'] as const;

for (const [damage, applyDamage] of [
  ['missing', (path: string) => rm(path)],
  ['empty', (path: string) => writeFile(path, '')],
] as const) {
  for (const run of RUNS) {
    const runName = run === RUNS[0] ? 'the same run' : 'the next run';
    test(`a file of the current release is ${damage}: ${runName} publishes again with a warning`, async (t) => {
      const world = await simulator(t);
      const folder = await temporaryFolder(t);
      const store = folderStore(folder);
      const first = await exportInto({ folder, url: world.url, run: RUNS[0] });
      await applyDamage(join(folder, `releases/${first.release}/csv/snapshots.csv.gz`));
      const again = await exportInto({ folder, url: world.url, run });
      assert.equal(again.outcome, 'published');
      assert.notEqual(again.release, first.release);
      assert.match(
        again.warnings.join(),
        /^1 of \d+ files of release \S+ were missing or cut \(csv\/snapshots\.csv\.gz\), so the same figures were published again/,
      );
      const { manifest } = await readCurrent(store);
      assert.deepEqual([manifest?.supersedes, manifest?.changes?.changed], [first.release, 0]);
      assert.deepEqual((await verifyRelease(store)).problems, []);
      const last = await exportInto({ folder, url: world.url, run: '2026-11-24T07-00-00Z' });
      assert.deepEqual([last.outcome, last.warnings], ['unchanged', []]);
    });
  }
}
