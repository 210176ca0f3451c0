// A refused run never changes published files.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readStatus } from '../../lib/catalogue/status.ts';
import { ConfigurationError } from '../../lib/environment/configuration.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { type ExportSetting, exportInto, readFilesBelow, simulator, temporaryFolder } from '../setting.ts';

/** All countries at one level, which is faster than at three. */
const WORLD = { countries: null, levels: [0] } as const;

const RUNS = ['2026-11-24T05-00-00Z', '2026-11-24T06-00-00Z'] as const;

/** All published files with their bytes. `runs/`, `status.json` and dotfiles may change. */
async function published(folder: string): Promise<Map<string, Buffer>> {
  const files = [...(await readFilesBelow(folder))].map(
    ([path, body]) => [path.slice(folder.length), body] as const,
  );
  return new Map(files.filter(([path]) => /^\/(releases|latest)/.test(path)));
}

const CASES: { name: string; faults: string[]; countries?: null; reason: RegExp }[] = [
  {
    name: 'a country without answers',
    faults: ['dead@SDN'],
    reason:
      /3 of 9 units failed, more than --max-failed 10 percent \(admin0\/SDN: DTMApiRequestError.*--run 2026-11-24T06-00-00Z/,
  },
  {
    name: 'an answer with a wrong count',
    faults: ['count@admin1/AFG'],
    reason: /1 of 9 units failed.*\(admin1\/AFG: DTMAnswerShapeError: admin1 AFG: totalRecordsCount/,
  },
  {
    name: "another country's rows",
    faults: ['foreign@admin2/AFG'],
    reason: /admin2\/AFG: DTMAnswerShapeError.*the country asked for/,
  },
  {
    name: 'a country that vanished',
    faults: ['gone@AFG'],
    countries: null,
    reason: /AFG lost all its rows: if that is right, publish with --run 2026-11-24T06-00-00Z --accept-drop/,
  },
];

for (const { name, faults, countries, reason } of CASES) {
  test(`${name} is refused with a reason, and published files stay the same`, async (t) => {
    const world = await simulator(t);
    const folder = await temporaryFolder(t);
    const whole = countries === null ? WORLD : {};
    await exportInto({ folder, url: world.url, run: RUNS[0], ...whole });
    const before = await published(folder);
    world.setFaults(faults);
    const outcome = await exportInto({ folder, url: world.url, run: RUNS[1], ...whole });
    assert.equal(outcome.outcome, 'refused');
    assert.match(outcome.reason ?? '', reason);
    assert.deepEqual([outcome.release, outcome.manifest, outcome.rows], [null, null, null]);
    assert.deepEqual(await published(folder), before);
    const status = await readStatus(folderStore(folder));
    assert.equal(status?.last_failure?.run, RUNS[1]);
    // The public reads the same case, without what the operator has to do.
    assert.match(status?.last_failure?.reason ?? '', /AFG|SDN/);
    assert.doesNotMatch(status?.last_failure?.reason ?? '', /--run|got "|expected HTTP/);
  });
}

test('a loss that is accepted is published from staged files without a request', async (t) => {
  const world = await simulator(t);
  const folder = await temporaryFolder(t);
  await exportInto({ folder, url: world.url, ...WORLD, run: RUNS[0] });
  world.setFaults(['gone@AFG']);
  await exportInto({ folder, url: world.url, ...WORLD, run: RUNS[1] });
  const asked = world.requests.length;
  const accepted = await exportInto({
    folder,
    url: world.url,
    ...WORLD,
    run: RUNS[1],
    options: { acceptDrop: true },
  });
  assert.equal(accepted.outcome, 'published');
  assert.equal(world.requests.length, asked);
});

test('a refused run that is resumed requests only its failed units again', async (t) => {
  const world = await simulator(t, { faults: ['dead@SDN'] });
  const folder = await temporaryFolder(t);
  const refused = await exportInto({ folder, url: world.url });
  assert.deepEqual([refused.outcome, refused.units.failed], ['refused', 3]);
  world.setFaults([]);
  const asked = world.requests.length;
  const { outcome } = await exportInto({ folder, url: world.url });
  assert.equal(outcome, 'published');
  const again = world.requests.slice(asked).map(({ country }) => country);
  assert.deepEqual(again, ['SDN', 'SDN', 'SDN']);
});

test('another API version, visibility or synthetic flag is refused before any request', async (t) => {
  const world = await simulator(t);
  const folder = await temporaryFolder(t);
  await exportInto({ folder, url: world.url, run: RUNS[0] });
  const asked = world.requests.length;
  const terms = { licence: 'CC BY-NC 4.0', visibility: 'public', contact: null } as const;
  const others: [Partial<ExportSetting>, RegExp][] = [
    [{ version: 'v2' }, /the prefix holds dataset dtm-idp, this run would bring dataset dtm-idp-v2/],
    [{ context: { terms } }, /the prefix holds visibility private, this run would bring visibility public/],
    [
      { context: { source: { url: world.url, apiVersion: 'v3', synthetic: false } } },
      /the prefix holds synthetic true, this run would bring synthetic false; export into another folder/,
    ],
  ];
  for (const [setting, message] of others) {
    const attempt = exportInto({ folder, url: world.url, run: RUNS[1], ...setting });
    await assert.rejects(
      attempt,
      (error) => error instanceof ConfigurationError && message.test(error.message),
    );
  }
  assert.equal(world.requests.length, asked);
});

test('a country that is in neither list is refused before any unit is requested', async (t) => {
  const world = await simulator(t);
  const folder = await temporaryFolder(t);
  const attempt = exportInto({ folder, url: world.url, countries: ['AFG', 'XXX'] });
  await assert.rejects(
    attempt,
    /--countries XXX: neither the API's country list nor its operation list has it/,
  );
  assert.equal(world.requests.length, 2);
});

test('a run that is resumed with another selection is refused', async (t) => {
  const world = await simulator(t);
  const folder = await temporaryFolder(t);
  await exportInto({ folder, url: world.url });
  const attempt = exportInto({ folder, url: world.url, countries: ['AFG', 'TCD'] });
  await assert.rejects(attempt, /was planned with --countries AFG,SDN,TCD, not AFG,TCD/);
});

test('a list that cannot be fetched fails the run, and status.json records it if it exists', async (t) => {
  for (const faults of [['500@countries'], ['500@operations']]) {
    const world = await simulator(t, { faults });
    const folder = await temporaryFolder(t);
    await assert.rejects(exportInto({ folder, url: world.url }), { name: 'DTMApiRequestError' });
    assert.equal(await readStatus(folderStore(folder)), null);
    world.setFaults([]);
    await exportInto({ folder, url: world.url, run: RUNS[0] });
    world.setFaults(faults);
    await assert.rejects(exportInto({ folder, url: world.url, run: RUNS[1] }));
    const status = await readStatus(folderStore(folder));
    assert.deepEqual([status?.last_check?.outcome, status?.last_failure?.run], ['failed', RUNS[1]]);
    assert.match(status?.last_failure?.reason ?? '', /^DTMApiRequestError: .*500/);
  }
});
