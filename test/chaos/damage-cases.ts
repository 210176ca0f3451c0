// Ways in which a dataset can be spoilt, and what the checker must say of each. Whoever spoils the inside of a release
// seals it again, so that no hash of the outside gives it away.
import { createHash } from 'node:crypto';
import { appendFile, cp, mkdir, readFile, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { CheckOptions } from '../checker.ts';

/** The runs of the dataset that is spoilt, oldest first. */
export const RUNS = ['2026-11-24T05-00-00Z', '2026-11-24T06-00-00Z', '2026-11-24T07-00-00Z'] as const;

/** JSON of any shape: what is spoilt here has every one. */
// biome-ignore lint/suspicious/noExplicitAny: a test that breaks shapes cannot keep them.
type Json = any;

/** Where the dataset lies, and its three releases. */
export interface Scene {
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

/** Makes sums, manifest, list and pointer agree with what lies in the newest release now. */
async function seal({ at, newest }: Scene, change: (manifest: Json) => void = () => {}): Promise<void> {
  const base = at(`releases/${newest}`);
  const manifest = JSON.parse(await readFile(join(base, 'manifest.json'), 'utf8'));
  change(manifest);
  const refresh = async (file: Json): Promise<void> => {
    const bytes = await readFile(join(base, file.path)).catch(() => null);
    if (bytes) Object.assign(file, { bytes: bytes.length, sha256: sha256(bytes) });
  };
  for (const file of manifest.files) await refresh(file);
  const summed = manifest.files.filter(({ path }: Json) => path !== 'SHA256SUMS');
  const sums = summed.map(({ path, sha256: hash }: Json) => `${hash}  ${path}\n`).join('');
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
async function editCsv(scene: Scene, path: string, change: (text: string) => string): Promise<void> {
  const file = scene.at(`releases/${scene.newest}/${path}`);
  await writeFile(file, gzipSync(change(gunzipSync(await readFile(file)).toString())));
}

/** A way to spoil it. */
export interface Case {
  readonly name: string;
  readonly spoil: (scene: Scene) => Promise<unknown>;
  readonly says: RegExp;
  readonly options?: CheckOptions;
}

const PARQUET = 'tables/admin0/admin0.parquet';

export const CASES: readonly Case[] = [
  {
    name: 'a listed file is gone',
    spoil: ({ at, middle }) => unlink(at(`releases/${middle}/${PARQUET}`)),
    says: /^releases\/\S+\/tables\/admin0\/admin0\.parquet: missing$/,
  },
  {
    name: 'a listed file is empty',
    spoil: ({ at, newest }) => writeFile(at(`releases/${newest}/${PARQUET}`), ''),
    says: /admin0\.parquet: bytes: expected \d+, found 0$/,
  },
  {
    name: 'a listed file has one other byte',
    spoil: ({ at, newest }) =>
      editText(at(`releases/${newest}/LICENSE.txt`), (text) => text.replace('No', 'on')),
    says: /LICENSE\.txt: SHA-256: expected /,
  },
  {
    name: 'a file lies in a release that its manifest does not list',
    spoil: ({ at, oldest }) => writeFile(at(`releases/${oldest}/notes.txt`), 'x'),
    says: /\/notes\.txt: not listed in manifest\.json$/,
  },
  {
    name: 'the manifest was changed after the pointer was written',
    spoil: ({ at, newest }) => appendFile(at(`releases/${newest}/manifest.json`), '\n'),
    says: /^latest\.json: manifest_sha256: expected /,
  },
  {
    name: 'an older manifest was changed',
    spoil: ({ at, oldest }) => appendFile(at(`releases/${oldest}/manifest.json`), '\n'),
    says: /^releases\.json, \S+: manifest_sha256: expected /,
  },
  {
    name: 'the manifest is half a file',
    spoil: ({ at, newest }) => editText(at(`releases/${newest}/manifest.json`), (text) => text.slice(0, 500)),
    says: /manifest\.json: not JSON /,
  },
  {
    name: 'the manifest lacks a key',
    spoil: (scene) =>
      seal(scene, (manifest) => {
        manifest.coverage = undefined;
      }),
    says: /its shape is not the one that is promised \(KeyError: 'coverage'\)$/,
  },
  {
    name: 'the claim is that of another run',
    spoil: ({ at, newest }) =>
      edit(at(`releases/${newest}/claim.json`), (claim) => ({ ...claim, run: RUNS[0] })),
    says: /claim\.json: run: expected "2026-11-24T07-00-00Z", found "2026-11-24T05-00-00Z"$/,
  },
  {
    name: 'the sums are others than the manifest says',
    spoil: async (scene) => {
      const path = scene.at(`releases/${scene.newest}/SHA256SUMS`);
      await editText(path, (text) => text.replace(/^\w{8}/, '00000000'));
    },
    says: /SHA256SUMS: tables\/admin0\/admin0\.parquet: expected "\w{64}", found "00000000/,
  },
  {
    name: 'a Parquet file has no end',
    spoil: async (scene) => {
      const path = scene.at(`releases/${scene.newest}/${PARQUET}`);
      await writeFile(path, (await readFile(path)).subarray(0, -4));
      await seal(scene);
    },
    says: /admin0\.parquet: it does not begin and end with PAR1$/,
  },
  {
    name: 'a Parquet file has other rows than its entry',
    spoil: async (scene) => {
      const [from, to] = ['admin1', 'admin0'].map((table) =>
        scene.at(`releases/${scene.newest}/tables/${table}/${table}.parquet`),
      );
      await cp(from as string, to as string);
      await seal(scene);
    },
    says: /admin0\.parquet: rows: expected \d+, found \d+$/,
  },
  {
    name: 'a CSV has a row less than its entry',
    spoil: async (scene) => {
      await editCsv(scene, 'csv/admin0.csv.gz', (text) => text.replace(/[^\n]+\n$/, ''));
      await seal(scene);
    },
    says: /csv\/admin0\.csv\.gz: rows: expected \d+, found \d+$/,
  },
  {
    name: 'a CSV has another header',
    spoil: async (scene) => {
      await editCsv(scene, 'csv/countries.csv.gz', (text) => text.replace('admin0_name', 'name'));
      await seal(scene);
    },
    says: /countries\.csv\.gz: expected the header "admin0_name","admin0_pcode", found "name",/,
  },
  {
    name: 'a figure in a CSV differs from what was hashed',
    spoil: async (scene) => {
      const [whole, part] = ['csv/admin0.csv.gz', 'csv/admin0/country=GRD/admin0-GRD.csv.gz'];
      const change = (text: string): string =>
        text.replace(/("GRD".*?"\d{4}|"GRD".*?\d{4}-\d\d-\d\d),(\d+)/, '$1,9$2');
      await editCsv(scene, whole, change);
      await editCsv(scene, part, change);
      await seal(scene);
    },
    says: /content_sha256 of admin0: expected /,
  },
  {
    name: "a country's CSV is not its part of the whole",
    spoil: async (scene) => {
      const path = 'csv/admin0/country=GRD/admin0-GRD.csv.gz';
      await editCsv(scene, path, (text) => text.replaceAll('"GRD"', '"DMA"'));
      await seal(scene);
    },
    says: /the CSV files of admin0 by country are not together the whole table$/,
  },
  {
    name: 'a CSV is not gzip to its end',
    spoil: async (scene) => {
      const path = scene.at(`releases/${scene.newest}/csv/admin1.csv.gz`);
      await writeFile(path, (await readFile(path)).subarray(0, -10));
      await seal(scene);
    },
    says: /admin1\.csv\.gz: not gzip /,
  },
  {
    name: 'units have other rows than their table',
    spoil: (scene) =>
      seal(scene, ({ coverage }) => {
        coverage.units[0].rows += 1000;
      }),
    says: /rows of the units of admin0: expected \d+, found 1\d{3}$/,
  },
  {
    name: 'the list is lost',
    spoil: ({ at }) => unlink(at('releases.json')),
    says: /^releases\.json: missing$/,
  },
  {
    name: 'the pointer is lost',
    spoil: ({ at }) => unlink(at('latest.json')),
    says: /^latest\.json: missing$/,
  },
  {
    name: 'the list forgot a release',
    spoil: ({ at, middle }) =>
      edit(at('releases.json'), ({ releases }) => ({
        releases: releases.filter(({ release }: Json) => release !== middle),
      })),
    says: /^releases\.json: does not list \S+, which \S+ supersedes$/,
  },
  {
    name: 'a release that a run published is nowhere',
    spoil: async () => {},
    options: { published: ['2026-11-24.99'] },
    says: /^releases\.json: lost release 2026-11-24\.99: a run said that it published it$/,
  },
  {
    name: 'the list is oldest first',
    spoil: ({ at }) => edit(at('releases.json'), ({ releases }) => ({ releases: releases.toReversed() })),
    says: /^releases\.json: not newest first: \S+ supersedes \S+ and stands below it$/,
  },
  {
    name: 'the list has a release twice',
    spoil: ({ at }) =>
      edit(at('releases.json'), ({ releases }) => ({ releases: [releases[0], ...releases] })),
    says: /^releases\.json: lists \S+ twice$/,
  },
  {
    name: 'two releases stand on the same one',
    spoil: ({ at, oldest }) =>
      edit(at('releases.json'), (list) => {
        list.releases[0].supersedes = oldest;
      }),
    says: /both supersede 2\S+: one of them is lost$/,
  },
  {
    name: 'a listed release is not on disk',
    spoil: ({ at, oldest }) => rm(at(`releases/${oldest}`), { recursive: true }),
    says: /^releases\.json, \S+: listed, but releases\/\S+\/manifest\.json is missing or damaged$/,
  },
  {
    name: 'the pointer names an older release',
    spoil: ({ at, oldest }) =>
      edit(at('latest.json'), (pointer) => ({
        ...pointer,
        release: oldest,
        manifest: `releases/${oldest}/manifest.json`,
      })),
    says: /^latest\.json: the newest release that stands: expected /,
  },
  {
    name: 'a withdrawn release has its data',
    spoil: ({ at, middle }) =>
      edit(at('releases.json'), ({ releases }) => {
        releases.find(({ release }: Json) => release === middle).status = 'withdrawn';
      }),
    says: /admin0\.parquet: still there although the release was withdrawn$/,
  },
  {
    name: 'a release is withdrawn on disk only',
    spoil: ({ at, middle }) =>
      writeFile(at(`releases/${middle}/withdrawn.json`), '{"reason":"x","date":"2026-11-24T05:00:00.000Z"}'),
    says: /withdrawn\.json: there, but releases\.json does not say that the release was withdrawn$/,
  },
  {
    name: 'the status has no reason for its last failure',
    spoil: ({ at }) =>
      edit(at('status.json'), (status) => ({ ...status, last_failure: { at: '2026-11-24T05:00:00.000Z' } })),
    says: /^status\.json: last_failure: run, reason missing$/,
  },
  {
    name: 'the status lacks its last check',
    spoil: ({ at }) => edit(at('status.json'), ({ last_check: _, ...status }) => status),
    says: /^status\.json: last_check: at, run, outcome, coverage missing$/,
  },
  {
    name: 'the feed lacks an entry',
    spoil: ({ at }) => editText(at('feed.xml'), (text) => text.replace(/ {2}<entry>[\s\S]*?<\/entry>\n/, '')),
    says: /^feed\.xml: entries: expected /,
  },
  {
    name: 'the feed is cut',
    spoil: ({ at }) => editText(at('feed.xml'), (text) => text.slice(0, -20)),
    says: /^feed\.xml: not XML /,
  },
  {
    name: 'the page is that of the release before',
    spoil: ({ at, newest, middle }) => editText(at('index.html'), (text) => text.replaceAll(newest, middle)),
    says: /^index\.html: does not name the current release /,
  },
  {
    name: 'an asset of the page is gone',
    spoil: async ({ at }) => {
      const page = await readFile(at('index.html'), 'utf8');
      await unlink(at(/assets\/page-\w+\.js/.exec(page)?.[0] as string));
    },
    says: /^assets\/page-\w+\.js: missing, but index\.html names it$/,
  },
  {
    name: 'an asset is half a file',
    spoil: async ({ at }) => {
      const page = await readFile(at('index.html'), 'utf8');
      await editText(at(/assets\/style-\w+\.css/.exec(page)?.[0] as string), (text) => text.slice(0, 100));
    },
    says: /^assets\/style-\w+\.css: the hash in its name: expected /,
  },
  {
    name: 'a temporary file was left behind',
    spoil: async ({ at }) => {
      await mkdir(at('.tmp'), { recursive: true });
      await writeFile(at('.tmp/1-x'), 'x');
    },
    says: /^\.tmp\/1-x: a temporary file of 0 seconds ago that nobody removed$/,
  },
  {
    name: 'a file lies beside the pointer',
    spoil: ({ at }) => writeFile(at('latest.json.tmp'), '{}'),
    says: /^latest\.json\.tmp: nothing of this name belongs here$/,
  },
  {
    name: 'what a run staged is half a file',
    spoil: async ({ at }) => {
      const path = at(`runs/${RUNS[2]}/staged/admin0/GRD.arrow`);
      await writeFile(path, (await readFile(path)).subarray(0, -8));
    },
    says: /staged\/admin0\/GRD\.arrow: not a whole Arrow stream$/,
  },
  {
    name: 'invented figures and real ones are mixed',
    spoil: (scene) =>
      seal(scene, (manifest) => {
        manifest.synthetic = false;
      }),
    says: /^releases: synthetic is not the same over all releases: false, true$/,
  },
  {
    name: 'a file is a link',
    spoil: async ({ at, newest }) => {
      const path = at(`releases/${newest}/LICENSE.txt`);
      await rename(path, at('index.html'));
      await symlink(at('index.html'), path);
    },
    says: /LICENSE\.txt: a link, expected a file$/,
  },
  {
    name: 'a release has no name of one',
    spoil: ({ at, oldest }) => rename(at(`releases/${oldest}`), at('releases/backup')),
    says: /^releases\/backup: not a release$/,
  },
];
