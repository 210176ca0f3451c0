// An export stands still after a change that dice choose, while others withdraw what it stands on, or what it has just
// published, prune, or publish before it. When it goes on it ends well, and what it says is true.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pMap from 'p-map';
import { checkDataset } from '../checker.ts';
import { simulator, temporaryFolder } from '../setting.ts';
import { contentOf, printedBy, tell } from './check-outcomes.ts';
import { budget, chance } from './dice.ts';
import { disturbedBy } from './disturb-process.ts';
import { COUNTRIES, environment, exportWords, listedReleases } from './plan-commands.ts';
import { type Ended, exporter, type Strike } from './run-exporter.ts';

const FIRST = '2026-11-24T05-00-00Z';
const FROZEN = '2026-11-24T06-00-00Z';
const OTHER = '2026-11-24T06-00-00Z-other';
const CALM = '2026-11-24T07-00-00Z';

/** What others do meanwhile. */
const DEEDS = ['withdraw', 'withdraw all', 'prune', 'export', 'export and withdraw'] as const;

interface Way {
  /** The release that was there before; null where the export is the first of all. */
  readonly first: string | null;
  /** The change after which the export stands still, and what that was. */
  readonly at: number;
  readonly change: string;
  readonly deed: (typeof DEEDS)[number];
}

interface Scene extends Way {
  readonly folder: string;
  readonly url: string;
}

const said = ({ exit, stdout, stderr }: Ended): string => `exit ${exit} ${stdout.trim()} ${stderr.trim()}`;

const nameOf = ({ first, at, change, deed }: Way): string =>
  `${first === null ? 'the first of all, ' : ''}frozen after change ${at} (${change}), meanwhile ${deed}`;

/** Commands of others, one after the other. */
async function meanwhile({ folder, url, deed }: Scene): Promise<Ended[]> {
  const run = (words: readonly string[]) => exporter(words, [], { env: environment(url) });
  const withdraw = async (): Promise<Ended[]> => {
    const pointer = join(folder, 'latest.json');
    const { release } = existsSync(pointer) ? JSON.parse(readFileSync(pointer, 'utf8')) : { release: null };
    const target = release ?? (await listedReleases(folder))[0];
    return target ? [await run(['withdraw', folder, target, '--reason', 'chaos', '--json'])] : [];
  };
  const publish = () => run([...exportWords(folder, OTHER, COUNTRIES), '--reissue']);
  if (deed === 'export') return [await publish()];
  if (deed === 'withdraw') return withdraw();
  if (deed === 'export and withdraw') return [await publish(), ...(await withdraw())];
  if (deed === 'withdraw all') return [...(await withdraw()), ...(await withdraw())];
  if (!existsSync(join(folder, 'latest.json'))) return [];
  return [await run(['prune', folder, '--keep-newest', '1', '--keep-monthly', '0', '--apply', '--json'])];
}

/** Starts an export that stops by itself, lets others act, and lets it go on. */
async function freeze(scene: Scene): Promise<{ frozen: Ended; others: Ended[] }> {
  const { folder, url, at } = scene;
  const log = `${folder}.log`;
  const others: Ended[] = [];
  const strike: Strike = async (send, gone) => {
    while (!existsSync(`${log}.stopped`)) {
      if (gone.aborted) return;
      await sleep(5);
    }
    const acting = meanwhile(scene).then((ended) => void others.push(...ended));
    // It may hold the folder's lock, for which they wait.
    await Promise.race([acting, sleep(5_000, undefined, { ref: false })]);
    // It may not stand still yet, if others had nothing to do.
    for (; existsSync(`${log}.stopped`) && send('SIGCONT'); await sleep(20));
    await acting;
  };
  const disturbed = disturbedBy({ folder, at, how: 'stops', log });
  const frozen = await exporter(exportWords(folder, FROZEN, COUNTRIES), strike, {
    ...disturbed,
    env: { ...environment(url), ...disturbed.env },
  });
  return { frozen, others };
}

/** What was untrue after an export stood still, and after the next one. */
async function faultsAfter(scene: Scene): Promise<string[]> {
  const { folder, url, first } = scene;
  const faults: string[] = [];
  const { frozen, others } = await freeze(scene);
  for (const other of others) if (other.exit !== 0) faults.push(`another: ${said(other)}`);
  const printed = frozen.stdout ? printedBy(frozen) : null;
  if (frozen.exit !== 0 || !['published', 'unchanged'].includes(printed?.outcome ?? ''))
    faults.push(said(frozen));
  if (printed?.outcome === 'published') {
    const path = join(folder, `releases/${printed.release}/manifest.json`);
    const { run } = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : { run: null };
    if (run !== FROZEN) faults.push(`said that it published ${printed.release}, which is of run ${run}`);
  }
  const calm = await exporter(exportWords(folder, CALM, COUNTRIES), [], { env: environment(url) });
  if (calm.exit !== 0) faults.push(`and the next run: ${said(calm)}`);
  const outcomes = [frozen, calm, ...others].map((ended) => (ended.stdout ? printedBy(ended) : null));
  const published = outcomes.flatMap((one) =>
    one?.outcome === 'published' && one.release ? [one.release] : [],
  );
  faults.push(
    ...(await checkDataset(folder, { published: first ? [first, ...published] : published })).problems,
  );
  return faults.map((fault) => `${nameOf(scene)}: ${fault}`);
}

test('an export that stood still while others withdrew, pruned or published ends well and says the truth', async (t) => {
  const scratch = await temporaryFolder(t);
  const world = await simulator(t);
  const env = environment(world.url);
  const before = join(scratch, 'before');
  const begun = await exporter(exportWords(before, FIRST, COUNTRIES), [], { env });
  const first = printedBy(begun)?.release as string;
  world.setFaults(['changed@GRD']);
  const truth = join(scratch, 'truth');
  await exporter(exportWords(truth, FIRST, COUNTRIES), [], { env });

  /** The changes of an export that nothing disturbs. */
  const changesOf = async (from: string | null): Promise<string[]> => {
    const folder = join(scratch, 'whole');
    await (from ? cp(from, folder, { recursive: true }) : mkdir(folder));
    const disturbed = disturbedBy({ folder, at: 0, how: 'stops', log: `${folder}.log` });
    const { exit } = await exporter(exportWords(folder, FROZEN, COUNTRIES), [], {
      ...disturbed,
      env: { ...env, ...disturbed.env },
    });
    assert.equal(exit, 0);
    await rm(folder, { recursive: true });
    return readFileSync(`${folder}.log`, 'utf8').split('\n');
  };
  const changes = { update: await changesOf(before), first: await changesOf(null) };
  const way = (at: number, deed: Way['deed'], of: keyof typeof changes = 'update'): Way => ({
    ...{ at, deed, change: changes[of][at - 1] ?? 'none' },
    first: of === 'update' ? first : null,
  });
  /** The number of the first change of these words. */
  const after = (words: RegExp, of: keyof typeof changes = 'update'): number => {
    const found = changes[of].findIndex((change) => words.test(change));
    assert.ok(found >= 0, `${words} is among the changes`);
    return found + 1;
  };
  // What went wrong once is tried first, whatever the dice say. The lock is let go right after the pointer moved.
  const always = [
    way(after(/^linkSync .*claim\.json/), 'withdraw'),
    way(after(/^renameSync latest\.json/) + 1, 'withdraw'),
    way(after(/^renameSync latest\.json/) + 1, 'export'),
    way(after(/^linkSync latest\.json/, 'first'), 'withdraw', 'first'),
  ];
  const dice = chance('frozen');
  const time = budget(0.2);
  const faults: string[] = [];
  let tried = 0;
  const one = async (way: Way, at: number): Promise<void> => {
    const folder = join(scratch, `frozen-${at}`);
    await (way.first ? cp(before, folder, { recursive: true }) : mkdir(folder));
    const found = await faultsAfter({ ...way, folder, url: world.url });
    if (found.length === 0 && (await contentOf(folder)) !== (await contentOf(truth)))
      found.push(`${nameOf(way)}: the world's change is not published`);
    faults.push(...found);
    await rm(folder, { recursive: true });
    tried++;
  };
  await pMap(always, one, { concurrency: 2 });
  const more = async (worker: number): Promise<void> => {
    for (let at = worker; time.isLeft(); at += 2) {
      const of = dice.pick(['update', 'update', 'first'] as const);
      // The last tenth is what follows the pointer.
      const last = changes[of].length;
      const change = dice.happens(60) ? dice.between(1, last) : dice.between(Math.floor(last * 0.9), last);
      await one(way(change, dice.pick(DEEDS), of), at);
    }
  };
  await pMap([100, 101], more);
  tell(t, `${tried} exports stood still`, faults);
});
