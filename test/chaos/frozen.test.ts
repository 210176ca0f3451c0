// An export stands still at a moment that dice choose, while others withdraw what it stands on, or what it has just
// published, prune, or publish before it. When it goes on it ends well, and what it says is true.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pMap from 'p-map';
import { checkDataset } from '../checker.ts';
import { simulator, temporaryFolder } from '../setting.ts';
import { COUNTRIES, environment, exportWords, listedReleases } from './acts.ts';
import { budget, type Chance, chance } from './chance.ts';
import { contentOf, printedBy, tell } from './judge.ts';
import { type Ended, exporter, type Strike } from './process.ts';

const FIRST = '2026-11-24T05-00-00Z';
const FROZEN = '2026-11-24T06-00-00Z';

const text = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : '');

/** Moments of an export, each seen from outside; `first` is the release that was there before. */
const MOMENTS: Readonly<Record<string, (folder: string, first: string) => boolean>> = {
  'planned it': (folder) => existsSync(join(folder, `runs/${FROZEN}/plan.json`)),
  'fetched a unit': (folder) => existsSync(join(folder, `runs/${FROZEN}/units`)),
  'claimed a release': (folder) => readdirSync(join(folder, 'releases')).length > 1,
  'written the manifest': (folder, first) =>
    readdirSync(join(folder, 'releases')).some(
      (name) => name !== first && existsSync(join(folder, 'releases', name, 'manifest.json')),
    ),
  'moved the pointer': (folder, first) => !text(join(folder, 'latest.json')).includes(`"${first}"`),
  'written the list': (folder) => text(join(folder, 'releases.json')).split('"manifest"').length > 2,
};

/** What others do meanwhile. */
const DEEDS = ['withdraw', 'withdraw all', 'prune', 'export', 'export and withdraw'] as const;

interface Scene {
  readonly folder: string;
  readonly url: string;
  readonly first: string;
  readonly moment: string;
  readonly deed: (typeof DEEDS)[number];
}

/** Commands of others, one after the other; those that cannot go on while the export stands still are not waited for. */
async function meanwhile({ folder, url, deed }: Scene): Promise<Ended[]> {
  const env = environment(url);
  const withdraw = async (): Promise<Ended> => {
    const { release } = JSON.parse(text(join(folder, 'latest.json')));
    const [newest] = await listedReleases(folder);
    return exporter(['withdraw', folder, release ?? newest, '--reason', 'chaos', '--json'], [], { env });
  };
  const publish = () =>
    exporter([...exportWords(folder, '2026-11-24T06-00-00Z-other', COUNTRIES), '--reissue'], [], { env });
  const prune = ['prune', folder, '--keep-newest', '1', '--keep-monthly', '0', '--apply', '--json'];
  if (deed === 'prune') return [await exporter(prune, [], { env })];
  if (deed === 'export') return [await publish()];
  if (deed === 'withdraw') return [await withdraw()];
  return [deed === 'export and withdraw' ? await publish() : await withdraw(), await withdraw()];
}

/** Freezes an export, lets others act, thaws it, and returns what was untrue in the end. */
async function freeze(scene: Scene): Promise<string[]> {
  const { folder, url, first, moment, deed } = scene;
  const faults: string[] = [];
  const others: Ended[] = [];
  const strike: Strike = async (send, gone) => {
    while (!MOMENTS[moment]?.(folder, first)) {
      if (gone.aborted) return;
      await sleep(1);
    }
    if (!send('SIGSTOP')) return;
    const acting = meanwhile(scene).then((ended) => void others.push(...ended));
    // It may hold the folder's lock.
    await Promise.race([acting, sleep(10_000, undefined, { ref: false })]);
    send('SIGCONT');
    await acting;
  };
  const frozen = await exporter(exportWords(folder, FROZEN, COUNTRIES), strike, { env: environment(url) });
  const name = `frozen when it had ${moment}, meanwhile ${deed}`;
  const said = ({ exit, stdout, stderr }: Ended): string => `exit ${exit} ${stdout.trim()} ${stderr.trim()}`;
  for (const other of others) if (other.exit !== 0) faults.push(`${name}: another: ${said(other)}`);
  const printed = frozen.stdout ? printedBy(frozen) : null;
  if (frozen.exit !== 0 || !['published', 'unchanged'].includes(printed?.outcome ?? ''))
    faults.push(`${name}: ${said(frozen)}`);
  const calm = await exporter(exportWords(folder, '2026-11-24T07-00-00Z', COUNTRIES), [], {
    env: environment(url),
  });
  if (calm.exit !== 0) faults.push(`${name}, and the next run: ${said(calm)}`);
  const outcomes = [frozen, calm, ...others].map((ended) => (ended.stdout ? printedBy(ended) : null));
  const published = outcomes.flatMap((one) => (one?.outcome === 'published' ? [one.release as string] : []));
  const { problems } = await checkDataset(folder, { published: [first, ...published] });
  faults.push(...problems.map((problem) => `${name}: ${problem}`));
  return faults;
}

test('an export that stood still while others withdrew, pruned or published ends well and says the truth', async (t) => {
  const scratch = await temporaryFolder(t);
  const before = join(scratch, 'before');
  const world = await simulator(t);
  const env = environment(world.url);
  const begun = await exporter(exportWords(before, FIRST, COUNTRIES), [], { env });
  assert.equal(begun.exit, 0, begun.stderr);
  const first = printedBy(begun)?.release as string;
  world.setFaults(['changed@GRD']);
  const truth = join(scratch, 'truth');
  await exporter(exportWords(truth, FIRST, COUNTRIES), [], { env });

  const time = budget(0.2);
  const faults: string[] = [];
  let tried = 0;
  const one = async ([moment, deed]: [string, Scene['deed']], at: number): Promise<void> => {
    if (at >= ALWAYS.length && !time.isLeft()) return;
    tried++;
    const folder = join(scratch, `frozen-${at}`);
    await cp(before, folder, { recursive: true });
    const found = await freeze({ folder, url: world.url, first, moment, deed });
    if (found.length === 0 && (await contentOf(folder)) !== (await contentOf(truth)))
      found.push(`frozen when it had ${moment}, meanwhile ${deed}: the world's change is not published`);
    faults.push(...found);
    await rm(folder, { recursive: true });
  };
  await pMap(shuffled(chance('frozen')), one, { concurrency: 2 });
  tell(t, `${tried} exports stood still`, faults);
});

/** What went wrong once is tried first, whatever the dice say. */
const ALWAYS: readonly [string, Scene['deed']][] = [
  ['claimed a release', 'withdraw'],
  ['moved the pointer', 'withdraw'],
];

/** Every moment with every deed, in an order of the dice's. */
function shuffled({ between }: Chance): [string, Scene['deed']][] {
  const all = Object.keys(MOMENTS).flatMap((moment) =>
    [...DEEDS].map((deed): [string, Scene['deed']] => [moment, deed]),
  );
  for (let at = all.length - 1; at > 0; at--) {
    const other = between(0, at);
    [all[at], all[other]] = [all[other], all[at]] as [(typeof all)[number], (typeof all)[number]];
  }
  return [...ALWAYS, ...all];
}
