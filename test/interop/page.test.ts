// Runs the Python and R snippets of the catalogue page over HTTP, exactly as shown.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { createSnippets } from '../../lib/catalogue/page/snippets.ts';
import { readCurrent } from '../../lib/catalogue/pointer.ts';
import { serveDataset } from '../../lib/read/serve.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { ensureDebian } from '../ensure-debian.ts';
import { duckdb, exportInto, simulator, temporaryFolder } from '../setting.ts';
import { childEnvironment, environmentPython } from './python-environment.ts';

/** Serves a dataset. Returns the page's snippet with this name, and the totals of the release. */
async function serveAndFindSnippet(t: TestContext, name: RegExp) {
  const [{ url }, folder] = [await simulator(t), await temporaryFolder(t)];
  const { release } = await exportInto({ folder, url, countries: null });
  const store = folderStore(folder);
  const { manifest } = await readCurrent(store);
  assert.ok(manifest);
  const server = await serveDataset(store, { port: 0 });
  t.after(() => server.close());
  const found = createSnippets({ manifest, athenaDatabase: '' }, server.url).find((snippet) =>
    name.test(snippet.name),
  );
  const [{ rows, most, last } = {}] = await duckdb(
    `SELECT count(*) AS rows, max(idps) AS most, max(reporting_date) AS last
     FROM '${folder}/releases/${release}/tables/snapshots/snapshots.parquet' WHERE level = 0 AND is_latest`,
  );
  return { code: found?.code ?? '', rows, most, last };
}

test("the page's snippet for R gives the newest count of every operation, with dates", async (t) => {
  await ensureDebian({ command: 'Rscript', packages: ['r-base-core'] });
  const { code, rows, most, last } = await serveAndFindSnippet(t, /^R$/);
  const program = `${code}
stopifnot(inherits(newest$reporting_date, "Date"))
cat(nrow(newest), format(max(newest$idps), scientific = FALSE), format(max(newest$reporting_date)), "\n")`;
  assert.equal((await rscript(program)).stdout.trim().split('\n').at(-1), `${rows} ${most} ${last}`);
});

/** The page's snippet for R, for a server that returns these rows as every file. */
async function snippetForRows(t: TestContext, rows: string): Promise<{ code: string; note: string }> {
  await ensureDebian({ command: 'Rscript', packages: ['r-base-core'] });
  const server = createServer((_, response) => response.end(gzipSync(rows))).listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  t.after(() => server.close());
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const manifest = { release: '2026-11-24.1' } as Parameters<typeof createSnippets>[0]['manifest'];
  const shown = createSnippets({ manifest, athenaDatabase: '' }, base).find(({ name }) => name === 'R');
  return { code: shown?.code ?? '', note: shown?.note ?? '' };
}

const rscript = (program: string) =>
  promisify(execFile)('Rscript', ['-e', program], { env: childEnvironment({ LC_ALL: 'C.UTF-8' }) });

const ROWS = `"level","admin0_name","operation","assessment_type","reporting_date","idps","is_latest","levels_agree"
0," Río Callado ","حضرموت","😀",2026-01-31,7,true,true
0,"","é",,,,true,
0,"x","y","z",2026-02-28,1,false,false
`;

test("the page's snippet for R keeps names and reads empty texts as NA, as its note says", async (t) => {
  const { code, note } = await snippetForRows(t, ROWS);
  const { stdout, stderr } = await rscript(`${code}
cat("\n")
for (column in newest) cat(paste0("[", format(column, trim = TRUE, justify = "none"), "]", ifelse(is.na(column), "NA", "")), "\n")
stopifnot(inherits(newest$reporting_date, "Date"))
stopifnot(identical(snapshots$is_latest, c(TRUE, TRUE, FALSE)), identical(snapshots$levels_agree, c(TRUE, NA, FALSE)))`);
  assert.equal(stderr, '', 'no warning');
  const lines = stdout.trimEnd().split('\n').slice(-7, -2);
  assert.deepEqual(
    lines.map((line) => line.trimEnd()),
    ['[ Río Callado ] [NA]NA', '[حضرموت] [é]', '[😀] [NA]NA', '[2026-01-31] [NA]NA', '[7] [NA]NA'],
  );
  assert.match(note, /NA is both an empty text and no value; blanks at the edges of names stay/);
});

test("R reads codes of digits as numbers, and as texts with the note's colClasses", async (t) => {
  const { code, note } = await snippetForRows(
    t,
    ROWS.replace('"assessment_type"', '"admin1_pcode"').replace(/"😀"|"z"/g, '"007"'),
  );
  const [, classes = ''] =
    /name such columns in colClasses, as (admin1_pcode = "character")\./.exec(note) ?? [];
  const read = code.slice(0, code.indexOf('newest <-'));
  const withClasses = read.replace('colClasses = c(', `colClasses = c(${classes}, `);
  assert.notEqual(withClasses, read);
  const { stdout } = await rscript(
    [read, withClasses].map((each) => `${each}\ncat(format(snapshots$admin1_pcode[1]), "\\n")`).join('\n'),
  );
  assert.deepEqual(stdout.trimEnd().split(/\s+/), ['7', '007']);
});

test("the page's snippet for pandas gives the newest count of every operation", async (t) => {
  const { code, rows, most } = await serveAndFindSnippet(t, /pandas/);
  const program = `${code}\nprint(len(newest), int(newest["idps"].max()))`;
  const run = promisify(execFile)(await environmentPython(), ['-c', program], { env: childEnvironment() });
  assert.equal((await run).stdout.trim().split('\n').at(-1), `${rows} ${most}`);
});
