// One run for each fault of the API: the run ends with the right outcome and reasons after a bounded number of requests.
// Each unit and each list is requested at most `maxRetries` + 1 times. There are no other requests.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCurrent } from '../../lib/catalogue/pointer.ts';
import { readStatus } from '../../lib/catalogue/status.ts';
import type { DTMApiOptions } from '../../lib/dtm/options.ts';
import type { UnitReport } from '../../lib/run/units/unit.ts';
import { FAULT_KINDS } from '../../lib/simulator/faults.ts';
import { type LoggedRequest, startSimulator } from '../../lib/simulator/server.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { verifyRelease } from '../../lib/verify/verify.ts';
import { exportInto, temporaryFolder } from '../setting.ts';

const LISTS = 2;
const UNITS = 9;
const TRIES = 2;

interface Case {
  readonly faults: readonly string[];
  /** Number of the nine units that fail. All others have rows. */
  readonly failed: number;
  readonly reason?: RegExp;
  readonly requests: number;
  /** Requests that may be added: after a reset on a reused connection a request is sent again within its attempt. */
  readonly resent?: number;
  readonly api?: Partial<DTMApiOptions>;
}

/** Sudan's three units fail with an error that is retried. */
const retried = (fault: string, reason: RegExp, api: Case['api'] = {}): Case => ({
  ...{ faults: [fault], failed: 3, reason, requests: LISTS + UNITS + 3 * (TRIES - 1), api },
});

/** Sudan's three units fail with an error that is not retried. */
const final = (fault: string, reason: RegExp, api: Case['api'] = {}): Case => ({
  ...{ faults: [fault], failed: 3, reason, requests: LISTS + UNITS, api },
});

/** No unit fails. `more` requests are added to those for lists and units. */
const harmless = (fault: string, more = 0): Case => ({
  ...{ faults: [fault], failed: 0, requests: LISTS + UNITS + more },
});

const HASTY = { timeout: 1 };
const SHAPE = (message: string) => new RegExp(`^DTMAnswerShapeError: admin\\d SDN: ${message}`);
const CASES: readonly Case[] = [
  ...['429', '500', '502', '503', '504'].map((status) =>
    retried(`${status}@SDN`, new RegExp(`^DTMApiRequestError: .*expected HTTP 200, got ${status}`)),
  ),
  harmless('503@admin1*1each', 3),
  retried('503=0@SDN', /got 503/),
  retried('429=date:0@SDN', /got 429/),
  retried('dead@SDN', /got 500/),
  final('403json@SDN', /^DTMAuthenticationError: .*HTTP 403/),
  final('firewall@SDN', /^DTMFirewallError: .*firewall/),
  retried('html@SDN', /expected content type application\/json, got text\/html/),
  final('redirect@SDN', /a redirect \(302\)/),
  final('redirect=https://dtm.example/@SDN', /a redirect \(302\) to https:\/\/dtm\.example/),
  final('exception@SDN', SHAPE('result: expected an array')),
  ...['no-pagination', 'endless-pages', 'same-page'].map((fault) => harmless(fault)),
  final('refused@SDN', /^DTMApiResponseError: .*the API refused the query/),
  final('echo-key@SDN', /\[key\] failed/),
  final('count@SDN', SHAPE('totalRecordsCount')),
  final('type@SDN', SHAPE('result\\[\\d+\\]\\.numPresentIdpInd')),
  final('type=operation@SDN', SHAPE('result\\[\\d+\\]\\.operation')),
  final('missing@SDN', SHAPE('result\\[\\d+\\]\\.numPresentIdpInd: .* it is missing')),
  final('date@SDN', SHAPE('result\\[\\d+\\]\\.reportingDate')),
  final('foreign@SDN', SHAPE('result\\[\\d+\\]\\.admin0Pcode: .*another country')),
  harmless('extra@SDN'),
  harmless('latency=20'),
  retried('slow-headers=2000@SDN', /^DTMApiTimeoutError: .*no answer began within 1 s/, HASTY),
  retried('slow-body=5000@SDN', /^DTMApiTimeoutError: .*the body did not end within 1 s/, HASTY),
  retried('bandwidth=100@SDN', /^DTMApiTimeoutError: .*the body did not end within 1 s/, HASTY),
  retried('cut@SDN', /cut short or damaged/),
  harmless('cut*1each', LISTS + UNITS),
  retried('truncated-json@SDN', /the body is not JSON/),
  { ...retried('reset@SDN', /no answer \(ECONNRESET/), resent: 3 * TRIES },
  harmless('reset*1each', LISTS + UNITS),
  final('bomb=20@SDN', /expected at most 4000000 bytes after decompression/, { maxBytes: 4_000_000 }),
  final('endless@SDN', /expected at most 4000000 bytes after decompression/, { maxBytes: 4_000_000 }),
  harmless('changed@SDN'),
  harmless('new-round@SDN'),
  harmless('renamed@SDN'),
  harmless('renumber'),
];

/** The reasons of all failed units in the run's reports. Asserts that only Sudan's units failed. */
async function failureReasons(folder: string): Promise<string[]> {
  const store = folderStore(folder);
  const entries = await store.list('runs/');
  const reports = entries.filter(({ key }) => key.includes('/units/'));
  const units = await Promise.all(
    reports.map(
      async ({ key }): Promise<UnitReport> =>
        JSON.parse(Buffer.from((await store.get(key))?.body ?? []).toString()),
    ),
  );
  const failed = units.filter(({ status }) => status === 'failed');
  assert.ok(failed.every(({ country }) => country === 'SDN'));
  return failed.map(({ reason }) => reason ?? '');
}

/** Counts the requests. Asserts that no list or unit has more than `tries`; a reset request counts half. */
function countRequests(requests: readonly LoggedRequest[], tries = TRIES): number {
  const counts = new Map<string, number>();
  for (const { endpoint, country, fault } of requests) {
    const name = `${endpoint}/${country}`;
    counts.set(name, (counts.get(name) ?? 0) + (fault?.startsWith('reset') ? 0.5 : 1));
  }
  for (const [name, count] of counts) assert.ok(count <= tries, `${name} was requested ${count} times`);
  return requests.length;
}

for (const { faults, failed, reason, requests, resent = 0, api } of CASES) {
  test(`fault ${faults.join(' ')}: ${failed} of 9 units fail after ${requests} requests`, async (t) => {
    await using world = await startSimulator({ scale: 0.004, faults });
    const folder = await temporaryFolder(t);
    const options = { maxFailed: 50 };
    const outcome = await exportInto({ folder, url: world.url, options, ...(api && { api }) });
    assert.equal(outcome.outcome, 'published');
    assert.deepEqual([outcome.units.ok, outcome.units.failed], [UNITS - failed, failed]);
    const reasons = await failureReasons(folder);
    assert.equal(reasons.length, failed);
    for (const actual of reasons) {
      assert.match(actual, reason ?? /^$/);
      assert.doesNotMatch(actual, /sample-key/);
    }
    const sent = countRequests(world.requests);
    assert.ok(sent >= requests && sent <= requests + resent, `${sent} requests`);
    const { problems } = await verifyRelease(folderStore(folder));
    assert.deepEqual(problems, []);
  });
}

/** A list that cannot be fetched ends the run before any unit is requested. */
const LIST_CASES: readonly [fault: string, error: RegExp, requests: number, published: RegExp][] = [
  ['500@countries', /got 500/, TRIES, /^DTMApiRequestError: countries: .*\(HTTP 500\)$/],
  ['500@operations', /got 500/, 1 + TRIES, /^DTMApiRequestError: operations: .*\(HTTP 500\)$/],
  ['401', /^DTMAuthenticationError/, 1, /^DTMAuthenticationError: .*refused the key \(HTTP 401\)$/],
  ['firewall', /^DTMFirewallError/, 1, /^DTMFirewallError: .*\(HTTP 403\)$/],
  ['html@operations', /content type/, 1 + TRIES, /the answer is not JSON$/],
  ['cut@countries', /cut short/, TRIES, /cut short or damaged$/],
  ['type=admin0Pcode@countries', /three capital letters/, 1, /^DTMAnswerShapeError: countries: .*shape/],
  ['missing=operation@operations', /result\[\d+\]\.operation/, 2, /result\[\d+\]\.operation: .*shape/],
  ['refused@countries', /refused the query/, 1, /refused the query$/],
  ['endless@countries', /at most 4000000 bytes/, 1, /larger than allowed$/],
];

for (const [fault, error, requests, published] of LIST_CASES) {
  test(`fault ${fault}: a list cannot be fetched, and the run fails after ${requests} requests`, async (t) => {
    await using world = await startSimulator({ scale: 0.004 });
    const folder = await temporaryFolder(t);
    const api = { maxBytes: 4_000_000 };
    const first = await exportInto({ folder, url: world.url, api, levels: [0] });
    const asked = world.requests.length;
    world.setFaults([fault]);
    const again = { folder, url: world.url, api, levels: [0] as const, run: '2026-11-25T05-00-00Z' };
    await assert.rejects(exportInto(again), (thrown) => error.test(String(thrown)) || Promise.reject(thrown));
    assert.equal(countRequests(world.requests.slice(asked)), requests);
    const store = folderStore(folder);
    assert.equal((await readCurrent(store)).pointer?.release, first.release);
    const status = await readStatus(store);
    assert.equal(status?.last_check?.outcome, 'failed');
    assert.match(status?.last_failure?.reason ?? '', published);
  });
}

test('every fault of FAULT_KINDS is tested', () => {
  const specs = [...CASES.flatMap(({ faults }) => faults), ...LIST_CASES.map(([fault]) => fault), ...WORLDLY];
  const tried = new Set(specs.map((spec) => /^[a-z0-9-]+/.exec(spec)?.[0]));
  assert.deepEqual(
    Object.keys(FAULT_KINDS).filter((kind) => !tried.has(kind)),
    [],
  );
});

/** For each country a permanent fault of all its units, and the expected reason in the manifest. */
const BY_COUNTRY: Readonly<Record<string, readonly [fault: string, reason: RegExp]>> = {
  AFG: ['dead', /HTTP 500/],
  BDI: ['429', /HTTP 429/],
  BEN: ['502', /HTTP 502/],
  BOL: ['403json', /HTTP 403/],
  CAF: ['firewall', /firewall/],
  CMR: ['html', /not JSON/],
  COD: ['redirect', /redirect/],
  ECU: ['refused', /refused the query/],
  ETH: ['echo-key', /^DTMApi\w+Error: admin\d ETH: /],
  GTM: ['count', /totalRecordsCount/],
  HND: ['type', /numPresentIdpInd: .*shape/],
  HTI: ['missing', /numPresentIdpInd: .*shape/],
  IDN: ['foreign', /admin0Pcode: .*shape/],
  IRQ: ['date', /reportingDate/],
  KEN: ['cut', /cut short/],
  LAO: ['truncated-json', /not JSON/],
  LBN: ['reset', /no usable answer$/],
  LBY: ['bomb=20', /larger than allowed/],
  MDG: ['endless', /larger than allowed/],
  MLI: ['slow-headers=9000', /DTMApiTimeoutError/],
  MOZ: ['slow-body=9000', /DTMApiTimeoutError/],
};
const PASSING = ['429%3', '500%3', '503%3', 'cut%3', 'reset%3', 'truncated-json%3', 'html%2', 'latency=2%30'];
const WORLDLY = ['changed@SDN', 'gone@TCD', 'new-round@YEM', 'renamed@SOM', 'renumber', 'extra@SSD'];

/** Checks status and reason of every unit in the manifest. Level 0 was published before the faults. */
async function checkUnits(folder: string): Promise<void> {
  const { manifest } = await readCurrent(folderStore(folder));
  const units = manifest?.coverage.units ?? [];
  assert.equal(units.length, 156);
  for (const { level, country, status, reason } of units) {
    const name = `admin${level}/${country} ${status}: ${reason}`;
    const fault = BY_COUNTRY[country];
    if (!fault) assert.ok(status === 'ok' || status === 'empty', name);
    else {
      assert.equal(status, level === 0 ? 'carried' : 'failed', name);
      assert.match(reason ?? '', fault[1], name);
    }
  }
}

test('all faults at once: refused twice, then published with every gap declared', async (t) => {
  await using world = await startSimulator({ scale: 0.003 });
  const folder = await temporaryFolder(t);
  const api = { maxRetries: 3, maxBytes: 4_000_000, timeout: 1.5 };
  const setting = { folder, url: world.url, countries: null, api };
  await exportInto({ ...setting, api: {}, levels: [0] });
  const asked = world.requests.length;
  const everywhere = Object.entries(BY_COUNTRY).map(([country, [fault]]) => `${fault}@${country}`);
  world.setFaults([...everywhere, ...PASSING, ...WORLDLY]);
  const run = '2026-11-25T05-00-00Z';
  const refused = await exportInto({ ...setting, run });
  assert.equal(refused.outcome, 'refused');
  assert.match(
    refused.reason ?? '',
    /\d+ of 156 units failed, \d+ of which were not waited for, more than --max-failed 10 percent/,
  );
  const requests = countRequests(world.requests.slice(asked), 4);
  assert.ok(requests < 156, `${requests} requests: none is sent once the refusal is certain`);

  // Only units without an answer are requested again.
  const again = world.requests.length;
  const dropped = await exportInto({ ...setting, run, options: { maxFailed: 50 } });
  assert.equal(dropped.outcome, 'refused');
  assert.match(dropped.reason ?? '', /TCD lost all its rows: .*--accept-drop/);
  const more = world.requests.slice(again);
  assert.ok(countRequests(more, 4) <= 156 * 4, `${more.length} requests`);

  const last = world.requests.length;
  const outcome = await exportInto({ ...setting, run, options: { maxFailed: 50, acceptDrop: true } });
  assert.equal(world.requests.length, last, '--accept-drop sends no request');
  assert.deepEqual([outcome.outcome, outcome.units.carried, outcome.units.failed], ['published', 21, 42]);
  await checkUnits(folder);
  assert.deepEqual((await verifyRelease(folderStore(folder))).problems, []);
});
