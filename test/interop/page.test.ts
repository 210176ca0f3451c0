// The Python that the catalogue page shows, run as it stands there, over HTTP.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { snippetsOf } from '../../lib/page/snippets.ts';
import { readCurrent } from '../../lib/release/pointer.ts';
import { serveDataset } from '../../lib/serve.ts';
import { folderStore } from '../../lib/store/folder.ts';
import { duckdb, exportInto, simulator, temporaryFolder } from '../setting.ts';
import { childEnvironment, environmentPython } from './python.ts';

test("the page's snippet for pandas gives the newest count of every operation", async (t) => {
  const [{ url }, folder] = [await simulator(t), await temporaryFolder(t)];
  const { release } = await exportInto({ folder, url });
  const store = folderStore(folder);
  const { manifest } = await readCurrent(store);
  assert.ok(manifest);
  const served = await serveDataset(store, { port: 0 });
  t.after(() => served.close());
  const snippet = snippetsOf({ manifest, athenaDatabase: '' }, served.url).find(({ name }) =>
    /pandas/.test(name),
  );
  const program = `${snippet?.code}\nprint(len(newest), int(newest["idps"].max()))`;
  const run = promisify(execFile)(await environmentPython(), ['-c', program], { env: childEnvironment() });
  const [{ rows, most } = {}] = await duckdb(
    `SELECT count(*) AS rows, max(idps) AS most FROM '${folder}/releases/${release}/tables/snapshots/snapshots.parquet' WHERE level = 0 AND is_latest`,
  );
  assert.equal((await run).stdout.trim().split('\n').at(-1), `${rows} ${most}`);
});
