// Compares the official HNA client with ours, against the simulator: the same rows, pages, bytes and kinds of errors. The last
// block has the intended differences.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, type TestContext, test } from 'node:test';
import { type Simulator, startSimulator } from '../../lib/simulator/server.ts';
import { linkTo, workbook } from '../dtm/hna/start-hna-server.ts';
import { serve } from '../dtm/start-api-server.ts';
import {
  askOursHna,
  type HnaCall,
  type HnaOutcome,
  type OfficialHna,
  startOfficialHna,
} from './official-hna.ts';

let official: OfficialHna;
let simulator: Simulator;
before(async () => {
  // One after the other: without Python, no server stays open.
  official = await startOfficialHna();
  simulator = await startSimulator({ scale: 0.05 });
});
afterEach(() => simulator?.setFaults([]));
after(async () => {
  await simulator?.close();
  await official?.[Symbol.asyncDispose]();
});

type Asked = Omit<HnaCall, 'url'>;
interface Both {
  readonly ours: HnaOutcome;
  readonly theirs: HnaOutcome;
  /** Path, query and key of the requests of each client. */
  readonly requests: { readonly ours: readonly unknown[]; readonly theirs: readonly unknown[] };
}

/** Sends a call with both clients; the faults are set again before each. */
async function callBoth(asked: Asked, faults: readonly string[] = []): Promise<Both> {
  const call = { url: simulator.url, ...asked };
  const sent: unknown[][] = [];
  const counted = async (ask: (call: HnaCall) => Promise<HnaOutcome>): Promise<HnaOutcome> => {
    simulator.setFaults(faults);
    const start = simulator.requests.length;
    const outcome = await ask(call);
    const requests = simulator.requests.slice(start);
    sent.push(requests.map(({ path, query: { se: _, sig: __, ...query }, key }) => ({ path, query, key })));
    return outcome;
  };
  const ours = await counted(askOursHna);
  const theirs = await counted(official.ask);
  return { ours, theirs, requests: { ours: sent[0] ?? [], theirs: sent[1] ?? [] } };
}

const rowsOf = ({ rows, error }: HnaOutcome) => rows ?? assert.fail(error?.message);
const classesOf = ({ error }: HnaOutcome) => error?.classes ?? assert.fail('expected an error');

/** Checks that both clients get the same rows by the same requests, and returns them. */
async function sameRows(asked: Asked, faults: readonly string[] = []) {
  const { ours, theirs, requests } = await callBoth(asked, faults);
  // As text, so that the order of the columns counts.
  assert.equal(JSON.stringify(rowsOf(ours)), JSON.stringify(rowsOf(theirs)));
  assert.deepEqual(requests.ours, requests.theirs);
  return { rows: rowsOf(ours), requests: requests.ours };
}

const nga = { admin0Pcode: 'NGA', year: 2023 };
const QUERIES = [
  nga,
  { ...nga, year: 1999 },
  { ...nga, admin0Name: 'Nigeria' },
  { ...nga, populationGroup: 'IDP' },
  { ...nga, populationGroup: ['IDP', ' IDP returnee ', ''].filter((group) => group !== '') },
  { ...nga, populationGroup: 'IDP, Non-displaced,' },
  { ...nga, populationGroup: 'Nobody' },
  { admin0Pcode: 'UKR', year: 2024 },
];

describe('rows', () => {
  for (const method of ['countries', 'catalog'] as const)
    test(`both clients get the same ${method}`, async () => {
      assert.ok((await sameRows({ method })).rows.length > 4);
    });

  for (const query of QUERIES)
    test(`both clients get the same pages of ${JSON.stringify(query)}`, async () => {
      const pages = [];
      for (const page of [1, 2, 3, 99])
        pages.push((await sameRows({ method: 'page', query: { ...query, page } })).rows);
      const all = await sameRows({ method: 'all', query });
      assert.deepEqual(pages.flat(), all.rows.slice(0, 60));
      const without = await sameRows({ method: 'all', query }, ['no-pagination']);
      assert.deepEqual(without.rows, all.rows);
      if (all.rows.length > 0) assert.equal(without.requests.length, Math.ceil(all.rows.length / 20) + 1);
    });
});

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'dtm-hna-'));
  t.after(() => rm(path, { recursive: true }));
  return path;
}

describe('downloads', () => {
  test('both clients get the same link, but for its time', async () => {
    const { ours, theirs, requests } = await callBoth({
      method: 'link',
      query: { ...nga, populationGroup: ['IDP'] },
    });
    assert.deepEqual(requests.ours, requests.theirs);
    for (const { link } of [ours, theirs]) {
      const { searchParams, origin, pathname } = new URL(link?.downloadUrl ?? '');
      assert.deepEqual([origin, pathname], [simulator.url, '/hna-files/report.xlsx']);
      assert.equal(searchParams.get('PopulationGroup'), 'IDP');
      assert.equal(Date.parse(link?.expires_at ?? ''), Date.parse(searchParams.get('se') ?? ''));
      assert.match(link?.fileName ?? '', /^Report_NGA_2023__\d{14}\.xlsx$/);
    }
  });

  test('both clients get the same bytes without sending the key to the file, and openpyxl reads the rows', async () => {
    const { ours, theirs, requests } = await callBoth({ method: 'download', query: nga });
    assert.ok(ours.bytes !== undefined && ours.bytes.length > 1000, ours.error?.message);
    assert.equal(ours.bytes, theirs.bytes);
    assert.deepEqual(requests.ours, requests.theirs);
    assert.deepEqual(
      requests.ours.map((each) => (each as { key: string }).key),
      ['primary', 'none'],
    );
    const rows = rowsOf(await askOursHna({ url: simulator.url, method: 'all', query: nga }));
    const [columns, ...lines] = await official.cells(ours.bytes);
    assert.deepEqual(columns, Object.keys(rows[0] ?? {}));
    assert.deepEqual(
      lines,
      rows.map((row) => Object.values(row)),
    );
  });

  test('both clients write the same file, and use the name of the API in a folder', async (t) => {
    const at = await folder(t);
    const written = async (asked: Asked) => {
      const { ours, theirs } = await callBoth(asked);
      return Promise.all([ours, theirs].map(({ path }) => readFile(path ?? assert.fail())));
    };
    for (const filePath of [at, join(at, 'mine.xlsx')]) {
      const [one, other] = await written({ method: 'download', query: nga, filePath });
      assert.deepEqual(one, other);
    }
    for (const name of await readdir(at)) assert.match(name, /^(mine|Report_NGA_2023__\d{14})\.xlsx$/);
  });
});

/** Checks that both clients raise the same kind of error after the same requests. */
async function sameError(asked: Asked, name: string, faults: readonly string[] = []): Promise<void> {
  const { ours, theirs, requests } = await callBoth(asked, faults);
  assert.ok(classesOf(theirs).includes(name), `${classesOf(theirs)} has ${name}`);
  assert.ok(classesOf(ours).includes(name), `${classesOf(ours)} has ${name}: ${ours.error?.message}`);
  assert.deepEqual(requests.ours, requests.theirs);
  if (name === 'DTMApiResponseError')
    assert.deepEqual(ours.error?.errorMessages, theirs.error?.errorMessages);
}

const CALLS: readonly Asked[] = [
  { method: 'countries' },
  { method: 'catalog' },
  { method: 'page', query: nga },
  { method: 'all', query: nga },
];
const ALL: readonly Asked[] = [...CALLS, { method: 'link', query: nga }, { method: 'download', query: nga }];

describe('errors', () => {
  const FAULTS: [fault: string, name: string][] = [
    ['401', 'DTMAuthenticationError'],
    ['403json', 'DTMAuthenticationError'],
    ['echo-key=400', 'DTMApiRequestError'],
    ['500', 'DTMApiRequestError'],
    ['429', 'DTMApiRequestError'],
    ['html', 'DTMApiRequestError'],
    ['truncated-json', 'DTMApiRequestError'],
    ['cut', 'DTMApiRequestError'],
    ['reset', 'DTMApiRequestError'],
  ];
  for (const [fault, name] of FAULTS)
    test(`fault ${fault} is a ${name} in both clients, for every call`, async () => {
      for (const asked of ALL) await sameError(asked, name, [fault]);
    });

  test('a refusal is a DTMApiResponseError with the same messages in both clients', async () => {
    for (const asked of CALLS) await sameError(asked, 'DTMApiResponseError', ['refused=No such luck']);
    for (const method of ['page', 'all'] as const) {
      await sameError({ method, query: { ...nga, admin0Pcode: 'XXX' } }, 'DTMApiResponseError');
      await sameError({ method, query: { ...nga, admin0Name: 'Chad' } }, 'DTMApiResponseError');
    }
  });

  test('an exception in the levels is a DTMApiResponseError in both clients', async () => {
    for (const asked of CALLS) {
      const { ours, theirs } = await callBoth(asked, ['exception=Deadlock']);
      for (const outcome of [ours, theirs]) {
        assert.ok(classesOf(outcome).includes('DTMApiResponseError'));
        assert.match(outcome.error?.message ?? '', /Deadlock/);
      }
    }
  });

  test('no key, a wrong key and the key of the other service are a DTMAuthenticationError in both clients', async () => {
    for (const asked of ALL)
      for (const key of [null, 'bad', 'sample-key'])
        await sameError({ ...asked, key }, 'DTMAuthenticationError');
  });

  test('a slow answer is a DTMApiTimeoutError in both clients', async () => {
    for (const asked of CALLS)
      await sameError({ ...asked, timeout: 0.2 }, 'DTMApiTimeoutError', ['slow-headers=600']);
  });

  test('failures are retried as often by both clients', async () => {
    for (const fault of ['500*2', '429*2', '503*2', '502@hna-file*2']) {
      const asked: Asked = { method: 'download', query: nga, maxRetries: 2 };
      const { ours, theirs, requests } = await callBoth(asked, [fault]);
      assert.equal(ours.bytes, theirs.bytes);
      assert.deepEqual(requests.ours, requests.theirs);
      assert.equal(requests.ours.length, 4);
    }
    await sameError({ method: 'all', query: nga, maxRetries: 2 }, 'DTMApiRequestError', ['504']);
  });

  test('a file that its host refuses is a DTMApiRequestError in both clients, without the token', async () => {
    for (const fault of ['firewall@hna-file', '403json@hna-file', '401@hna-file']) {
      await sameError({ method: 'download', query: nga }, 'DTMApiRequestError', [fault]);
      const { ours, theirs } = await callBoth({ method: 'download', query: nga }, [fault]);
      for (const { error } of [ours, theirs]) assert.doesNotMatch(error?.message ?? '', /sig=|se=/);
    }
  });

  const INVALID: [name: string, query: object][] = [
    ['no code', { year: 2023 }],
    ['an empty code', { admin0Pcode: '', year: 2023 }],
    ['no year', { admin0Pcode: 'NGA' }],
    ['a year that is no number', { admin0Pcode: 'NGA', year: 'soon' }],
    ['an empty group', { ...nga, populationGroup: '' }],
    ['groups of nothing', { ...nga, populationGroup: [] }],
    ['blank groups', { ...nga, populationGroup: ' , ' }],
  ];
  for (const [name, query] of INVALID)
    test(`${name} is a ValidationError in both clients, before any request`, async () => {
      for (const method of ['page', 'all', 'link', 'download'] as const) {
        await sameError({ method, query }, 'ValidationError');
        assert.deepEqual((await callBoth({ method, query })).requests.ours, []);
      }
    });
});

describe('ours differs', () => {
  test('more pages than the bound are an error of ours; the official client returns a part', async () => {
    const { ours, theirs } = await callBoth({ method: 'all', query: nga, maxPages: 2 });
    assert.equal(rowsOf(theirs).length, 40);
    assert.equal(classesOf(ours)[0], 'DTMApiRequestError');
    const endless = await callBoth({ method: 'all', query: nga, maxPages: 5 }, ['endless-pages']);
    assert.ok(rowsOf(endless.theirs).length > 80);
    assert.match(endless.ours.error?.message ?? '', /at most 5 pages/);
    assert.equal(endless.requests.ours.length, 5);
  });

  test('a page that comes again is an error of ours; the official client counts it again', async () => {
    const { ours, theirs, requests } = await callBoth({ method: 'all', query: nga, maxPages: 4 }, [
      'same-page',
    ]);
    assert.equal(rowsOf(theirs).length, 80);
    assert.equal(classesOf(ours)[0], 'DTMAnswerShapeError');
    assert.equal(requests.ours.length, 2);
  });

  test('a value that is a list is an error of ours', async () => {
    const { ours, theirs } = await callBoth({ method: 'page', query: nga }, ['type=sim_year']);
    assert.ok(rowsOf(theirs).some((row) => Array.isArray(row.sim_year)));
    assert.equal(classesOf(ours)[0], 'DTMAnswerShapeError');
  });

  test('a page of the firewall is no bad key for ours', async () => {
    const { ours, theirs } = await callBoth({ method: 'countries' }, ['firewall']);
    assert.equal(classesOf(theirs)[0], 'HNAAuthError');
    assert.equal(classesOf(ours)[0], 'DTMFirewallError');
  });

  test('a file that redirects is an error of ours; the official client follows', async () => {
    await using elsewhere = await startSimulator({ scale: 0.003 });
    const faults = [`redirect=${elsewhere.url}/v3/displacement/country-list@hna-file`];
    const { ours } = await callBoth({ method: 'download', query: nga }, faults);
    assert.match(ours.error?.message ?? '', /a redirect \(302\), which is not followed/);
    assert.equal(elsewhere.requests.length, 1, 'only the official client asked there');
  });

  test('a cut file is an error of both, and an HTML page in its place only of ours', async (t) => {
    const at = await folder(t);
    const asked: Asked = { method: 'download', query: nga, filePath: join(at, 'a.xlsx') };
    await sameError(asked, 'DTMApiRequestError', ['cut@hna-file']);
    assert.deepEqual(await readdir(at), []);
    const { ours, theirs } = await callBoth(asked, ['html@hna-file']);
    assert.equal(theirs.path, asked.filePath);
    assert.match(ours.error?.message ?? '', /expected a whole workbook/);
  });

  test('a file name that leads out of the folder stays inside for ours', async (t) => {
    const parent = await folder(t);
    const at = join(parent, 'a', 'b');
    await mkdir(at, { recursive: true });
    const { url } = await serve(t, linkTo(workbook, { fileName: '../../x.xlsx' }));
    const call: HnaCall = { url, method: 'download', query: nga, filePath: at };
    await askOursHna(call);
    assert.deepEqual((await readdir(parent, { recursive: true })).sort(), ['a', 'a/b', 'a/b/x.xlsx']);
    await official.ask(call);
    assert.ok((await readdir(parent)).includes('x.xlsx'), 'the official client writes outside');
  });
});
