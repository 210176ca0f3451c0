// Ways to damage a dataset, and the problem that the checker must report for each. Cases that change files of a release also
// update its hashes (`seal`), so that the checker cannot find the damage by a hash alone.
import { createHash } from 'node:crypto';
import { appendFile, cp, mkdir, readFile, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { CheckOptions } from '../checker.ts';

/** The runs of the dataset, oldest first. */
export const RUNS = ['2026-11-24T05-00-00Z', '2026-11-24T06-00-00Z', '2026-11-24T07-00-00Z'] as const;

/** JSON of any structure. */
// biome-ignore lint/suspicious/noExplicitAny: a test that breaks shapes cannot keep them.
type Json = any;

/** The dataset's paths and its three releases. */
export interface TestDataset {
  readonly at: (path: string) => string;
  readonly oldest: string;
  readonly middle: string;
  readonly newest: string;
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

async function edit(path: string, change: (value: Json) => Json): Promise<void> {
  const value = JSON.parse(await readFile(path, 'utf8'));
  await writeFile(path, JSON.stringify(change(value) ?? value, null, 2));
}

const editText = async (path: string, change: (text: string) => string): Promise<void> =>
  writeFile(path, change(await readFile(path, 'utf8')));

/** Updates SHA256SUMS, manifest, list and pointer to the current files of the newest release. */
async function seal({ at, newest }: TestDataset, change: (manifest: Json) => void = () => {}): Promise<void> {
  const base = at(`releases/${newest}`);
  const manifest = JSON.parse(await readFile(join(base, 'manifest.json'), 'utf8'));
  change(manifest);
  const refresh = async (file: Json): Promise<void> => {
    const bytes = await readFile(join(base, file.path)).catch(() => null);
    if (bytes) Object.assign(file, { bytes: bytes.length, sha256: sha256(bytes) });
  };
  for (const file of manifest.files) await refresh(file);
  const summedFiles = manifest.files.filter(({ path }: Json) => path !== 'SHA256SUMS');
  const sums = summedFiles.map(({ path, sha256: hash }: Json) => `${hash}  ${path}\n`).join('');
  await writeFile(join(base, 'SHA256SUMS'), sums);
  await refresh(manifest.files.find(({ path }: Json) => path === 'SHA256SUMS'));
  await writeFile(join(base, 'manifest.json'), JSON.stringify(manifest));
  const hash = sha256(await readFile(join(base, 'manifest.json')));
  await edit(at('latest.json'), (pointer) => ({ ...pointer, manifest_sha256: hash }));
  await edit(at('releases.json'), (list) => {
    list.releases[0].manifest_sha256 = hash;
  });
}

/** Changes the text of a CSV in the newest release. */
async function editCsv(dataset: TestDataset, path: string, change: (text: string) => string): Promise<void> {
  const file = dataset.at(`releases/${dataset.newest}/${path}`);
  await writeFile(file, gzipSync(change(gunzipSync(await readFile(file)).toString())));
}

/** One kind of damage. */
export interface Case {
  readonly name: string;
  readonly damage: (dataset: TestDataset) => Promise<unknown>;
  readonly expected: RegExp;
  readonly options?: CheckOptions;
}

const PARQUET = 'tables/admin0/admin0.parquet';

export const CASES: readonly Case[] = [
  {
    name: 'a listed file is missing',
    damage: ({ at, middle }) => unlink(at(`releases/${middle}/${PARQUET}`)),
    expected: /^releases\/\S+\/tables\/admin0\/admin0\.parquet: missing$/,
  },
  {
    name: 'a listed file is empty',
    damage: ({ at, newest }) => writeFile(at(`releases/${newest}/${PARQUET}`), ''),
    expected: /admin0\.parquet: bytes: expected \d+, found 0$/,
  },
  {
    name: 'a listed file has one other byte',
    damage: ({ at, newest }) =>
      editText(at(`releases/${newest}/LICENSE.txt`), (text) => text.replace('No', 'on')),
    expected: /LICENSE\.txt: SHA-256: expected /,
  },
  {
    name: 'a release has a file that its manifest does not list',
    damage: ({ at, oldest }) => writeFile(at(`releases/${oldest}/notes.txt`), 'x'),
    expected: /\/notes\.txt: not listed in manifest\.json$/,
  },
  {
    name: 'the manifest was changed after the pointer was written',
    damage: ({ at, newest }) => appendFile(at(`releases/${newest}/manifest.json`), '\n'),
    expected: /^latest\.json: manifest_sha256: expected /,
  },
  {
    name: 'an older manifest was changed',
    damage: ({ at, oldest }) => appendFile(at(`releases/${oldest}/manifest.json`), '\n'),
    expected: /^releases\.json, \S+: manifest_sha256: expected /,
  },
  {
    name: 'the manifest is truncated',
    damage: ({ at, newest }) =>
      editText(at(`releases/${newest}/manifest.json`), (text) => text.slice(0, 500)),
    expected: /manifest\.json: not JSON /,
  },
  {
    name: 'the manifest lacks a key',
    damage: (dataset) =>
      seal(dataset, (manifest) => {
        manifest.coverage = undefined;
      }),
    expected: /its shape is not the one that is promised \(KeyError: 'coverage'\)$/,
  },
  {
    name: 'the claim belongs to another run',
    damage: ({ at, newest }) =>
      edit(at(`releases/${newest}/claim.json`), (claim) => ({ ...claim, run: RUNS[0] })),
    expected: /claim\.json: run: expected "2026-11-24T07-00-00Z", found "2026-11-24T05-00-00Z"$/,
  },
  {
    name: 'SHA256SUMS has another hash than the manifest',
    damage: async (dataset) => {
      const path = dataset.at(`releases/${dataset.newest}/SHA256SUMS`);
      await editText(path, (text) => text.replace(/^\w{8}/, '00000000'));
    },
    expected: /SHA256SUMS: tables\/admin0\/admin0\.parquet: expected "\w{64}", found "00000000/,
  },
  {
    name: 'a Parquet file is truncated',
    damage: async (dataset) => {
      const path = dataset.at(`releases/${dataset.newest}/${PARQUET}`);
      await writeFile(path, (await readFile(path)).subarray(0, -4));
      await seal(dataset);
    },
    expected: /admin0\.parquet: it does not begin and end with PAR1$/,
  },
  {
    name: 'a Parquet file has other rows than its entry',
    damage: async (dataset) => {
      const [from, to] = ['admin1', 'admin0'].map((table) =>
        dataset.at(`releases/${dataset.newest}/tables/${table}/${table}.parquet`),
      );
      await cp(from as string, to as string);
      await seal(dataset);
    },
    expected: /admin0\.parquet: rows: expected \d+, found \d+$/,
  },
  {
    name: 'a CSV has one row less than its entry',
    damage: async (dataset) => {
      await editCsv(dataset, 'csv/admin0.csv.gz', (text) => text.replace(/[^\n]+\n$/, ''));
      await seal(dataset);
    },
    expected: /csv\/admin0\.csv\.gz: rows: expected \d+, found \d+$/,
  },
  {
    name: 'a CSV has another header',
    damage: async (dataset) => {
      await editCsv(dataset, 'csv/countries.csv.gz', (text) => text.replace('admin0_name', 'name'));
      await seal(dataset);
    },
    expected: /countries\.csv\.gz: expected the header "admin0_name","admin0_pcode", found "name",/,
  },
  {
    name: 'a figure in a CSV does not match content_sha256',
    damage: async (dataset) => {
      const [whole, part] = ['csv/admin0.csv.gz', 'csv/admin0/country=GRD/admin0-GRD.csv.gz'];
      const change = (text: string): string =>
        text.replace(/("GRD".*?"\d{4}|"GRD".*?\d{4}-\d\d-\d\d),(\d+)/, '$1,9$2');
      await editCsv(dataset, whole, change);
      await editCsv(dataset, part, change);
      await seal(dataset);
    },
    expected: /content_sha256 of admin0: expected /,
  },
  {
    name: "a country's CSV does not match the whole table",
    damage: async (dataset) => {
      const path = 'csv/admin0/country=GRD/admin0-GRD.csv.gz';
      await editCsv(dataset, path, (text) => text.replaceAll('"GRD"', '"DMA"'));
      await seal(dataset);
    },
    expected: /the CSV files of admin0 by country are not together the whole table$/,
  },
  {
    name: 'a gzipped CSV is truncated',
    damage: async (dataset) => {
      const path = dataset.at(`releases/${dataset.newest}/csv/admin1.csv.gz`);
      await writeFile(path, (await readFile(path)).subarray(0, -10));
      await seal(dataset);
    },
    expected: /admin1\.csv\.gz: not gzip /,
  },
  {
    name: 'the row counts of units do not match their table',
    damage: (dataset) =>
      seal(dataset, ({ coverage }) => {
        coverage.units[0].rows += 1000;
      }),
    expected: /rows of the units of admin0: expected \d+, found 1\d{3}$/,
  },
  {
    name: 'releases.json is missing',
    damage: ({ at }) => unlink(at('releases.json')),
    expected: /^releases\.json: missing$/,
  },
  {
    name: 'latest.json is missing',
    damage: ({ at }) => unlink(at('latest.json')),
    expected: /^latest\.json: missing$/,
  },
  {
    name: 'releases.json lacks a superseded release',
    damage: ({ at, middle }) =>
      edit(at('releases.json'), ({ releases }) => ({
        releases: releases.filter(({ release }: Json) => release !== middle),
      })),
    expected: /^releases\.json: does not list \S+, which \S+ supersedes$/,
  },
  {
    name: 'a release that a run published is missing',
    damage: async () => {},
    options: { published: ['2026-11-24.99'] },
    expected: /^releases\.json: lost release 2026-11-24\.99: a run said that it published it$/,
  },
  {
    name: 'releases.json is sorted oldest first',
    damage: ({ at }) => edit(at('releases.json'), ({ releases }) => ({ releases: releases.toReversed() })),
    expected: /^releases\.json: not newest first: \S+ supersedes \S+ and stands below it$/,
  },
  {
    name: 'releases.json has a release twice',
    damage: ({ at }) =>
      edit(at('releases.json'), ({ releases }) => ({ releases: [releases[0], ...releases] })),
    expected: /^releases\.json: lists \S+ twice$/,
  },
  {
    name: 'two releases supersede the same one',
    damage: ({ at, oldest }) =>
      edit(at('releases.json'), (list) => {
        list.releases[0].supersedes = oldest;
      }),
    expected: /both supersede 2\S+: one of them is lost$/,
  },
  {
    name: 'the folder of a listed release is missing',
    damage: ({ at, oldest }) => rm(at(`releases/${oldest}`), { recursive: true }),
    expected: /^releases\.json, \S+: listed, but releases\/\S+\/manifest\.json is missing or damaged$/,
  },
  {
    name: 'latest.json names an older release',
    damage: ({ at, oldest }) =>
      edit(at('latest.json'), (pointer) => ({
        ...pointer,
        release: oldest,
        manifest: `releases/${oldest}/manifest.json`,
      })),
    expected: /^latest\.json: the newest release that stands: expected /,
  },
  {
    name: 'a withdrawn release still has its data',
    damage: ({ at, middle }) =>
      edit(at('releases.json'), ({ releases }) => {
        releases.find(({ release }: Json) => release === middle).status = 'withdrawn';
      }),
    expected: /admin0\.parquet: still there although the release was withdrawn$/,
  },
  {
    name: 'a release has withdrawn.json but is not withdrawn in the list',
    damage: ({ at, middle }) =>
      writeFile(at(`releases/${middle}/withdrawn.json`), '{"reason":"x","date":"2026-11-24T05:00:00.000Z"}'),
    expected: /withdrawn\.json: there, but releases\.json does not say that the release was withdrawn$/,
  },
  {
    name: 'status.json has no reason for its last failure',
    damage: ({ at }) =>
      edit(at('status.json'), (status) => ({ ...status, last_failure: { at: '2026-11-24T05:00:00.000Z' } })),
    expected: /^status\.json: last_failure: run, reason missing$/,
  },
  {
    name: 'status.json lacks its last check',
    damage: ({ at }) => edit(at('status.json'), ({ last_check: _, ...status }) => status),
    expected: /^status\.json: last_check: at, run, outcome, coverage missing$/,
  },
  {
    name: 'feed.xml lacks an entry',
    damage: ({ at }) =>
      editText(at('feed.xml'), (text) => text.replace(/ {2}<entry>[\s\S]*?<\/entry>\n/, '')),
    expected: /^feed\.xml: entries: expected /,
  },
  {
    name: 'feed.xml is truncated',
    damage: ({ at }) => editText(at('feed.xml'), (text) => text.slice(0, -20)),
    expected: /^feed\.xml: not XML /,
  },
  {
    name: 'index.html shows the release before',
    damage: ({ at, newest, middle }) => editText(at('index.html'), (text) => text.replaceAll(newest, middle)),
    expected: /^index\.html: does not name the current release /,
  },
  {
    name: 'an asset of the page is missing',
    damage: async ({ at }) => {
      const page = await readFile(at('index.html'), 'utf8');
      await unlink(at(/assets\/page-\w+\.js/.exec(page)?.[0] as string));
    },
    expected: /^assets\/page-\w+\.js: missing, but index\.html names it$/,
  },
  {
    name: 'an asset of the page is truncated',
    damage: async ({ at }) => {
      const page = await readFile(at('index.html'), 'utf8');
      await editText(at(/assets\/style-\w+\.css/.exec(page)?.[0] as string), (text) => text.slice(0, 100));
    },
    expected: /^assets\/style-\w+\.css: the hash in its name: expected /,
  },
  {
    name: 'a temporary file was left behind',
    damage: async ({ at }) => {
      await mkdir(at('.tmp'), { recursive: true });
      await writeFile(at('.tmp/1-x'), 'x');
    },
    expected: /^\.tmp\/1-x: a temporary file of \d+ seconds ago that nobody removed$/,
  },
  {
    name: 'an unknown file lies beside latest.json',
    damage: ({ at }) => writeFile(at('latest.json.tmp'), '{}'),
    expected: /^latest\.json\.tmp: nothing of this name belongs here$/,
  },
  {
    name: 'a staged file of a run is truncated',
    damage: async ({ at }) => {
      const path = at(`runs/${RUNS[2]}/staged/admin0/GRD.arrow`);
      await writeFile(path, (await readFile(path)).subarray(0, -8));
    },
    expected: /staged\/admin0\/GRD\.arrow: not a whole Arrow stream$/,
  },
  {
    name: 'releases of invented and real figures are mixed',
    damage: (dataset) =>
      seal(dataset, (manifest) => {
        manifest.synthetic = false;
      }),
    expected: /^releases: synthetic is not the same over all releases: false, true$/,
  },
  {
    name: 'a listed file is a symbolic link',
    damage: async ({ at, newest }) => {
      const path = at(`releases/${newest}/LICENSE.txt`);
      await rename(path, at('index.html'));
      await symlink(at('index.html'), path);
    },
    expected: /LICENSE\.txt: a link, expected a file$/,
  },
  {
    name: 'a folder of releases/ has no release id as its name',
    damage: ({ at, oldest }) => rename(at(`releases/${oldest}`), at('releases/backup')),
    expected: /^releases\/backup: not a release$/,
  },
];
