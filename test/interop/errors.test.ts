// Compares the errors and retries of the official client and ours, by the names of the error classes. The last block has the
// intended differences.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { API_VERSIONS } from '../../lib/dtm/endpoints.ts';
import { type Simulator, startSimulator } from '../../lib/simulator/server.ts';
import {
  askOurs,
  type Call,
  type Failure,
  type Official,
  type Outcome,
  startOfficial,
} from './official-client.ts';
import { RECORDED_VERSIONS, recordedAnswers } from './recorded-answers.ts';

let official: Official;
let simulator: Simulator;
before(async () => {
  // One after the other: without Python, no server stays open.
  official = await startOfficial();
  simulator = await startSimulator({ scale: 0.02 });
});
afterEach(() => simulator?.setFaults([]));
after(async () => {
  await simulator?.close();
  await official?.[Symbol.asyncDispose]();
});

type CallWithoutUrl = Omit<Call, 'url'>;
interface BothOutcomes {
  readonly ours: Outcome;
  readonly theirs: Outcome;
  /** Number of requests that each client sent. */
  readonly requests: { readonly ours: number; readonly theirs: number };
}

/** Sends a call with both clients; the simulator's faults are set again before each. */
async function callBoth(
  asked: CallWithoutUrl,
  faults: readonly string[] = [],
  server = simulator,
): Promise<BothOutcomes> {
  const call = { url: server.url, ...asked };
  const counts: number[] = [];
  const countRequests = async (ask: (call: Call) => Promise<Outcome>): Promise<Outcome> => {
    server.setFaults(faults);
    const sent = server.requests.length;
    const outcome = await ask(call);
    counts.push(server.requests.length - sent);
    return outcome;
  };
  const ours = await countRequests(askOurs);
  const theirs = await countRequests(official.ask);
  return { ours, theirs, requests: { ours: counts[0] as number, theirs: counts[1] as number } };
}

function errorOf(outcome: Outcome): Failure {
  if ('rows' in outcome) assert.fail(`expected an error, got ${outcome.rows.length} rows`);
  return outcome.error;
}

function rowsOf(outcome: Outcome) {
  if ('error' in outcome) assert.fail(`${outcome.error.classes[0]}: ${outcome.error.message}`);
  return outcome.rows;
}

/** Checks that both clients raise the named error after `sent` requests. Ours may be a subclass. */
function checkSameError({ ours, theirs, requests }: BothOutcomes, name: string, sent: number): void {
  assert.equal(errorOf(theirs).classes[0], name);
  assert.ok(errorOf(ours).classes.includes(name), `${errorOf(ours).classes} has ${name}`);
  assert.deepEqual(errorOf(ours).errorMessages, errorOf(theirs).errorMessages);
  assert.deepEqual(requests, { ours: sent, theirs: sent });
}

const afg = { admin0Pcode: 'AFG' };
const admin2 = { endpoint: 'admin2', query: afg } as const;

const UNKNOWN = [
  ['code', { admin0Pcode: 'XXX' }],
  ['name', { countryName: 'Atlantis' }],
  ['name beside a known code', { ...afg, countryName: 'Atlantis' }],
] as const;

function unknownCountries(version: (typeof API_VERSIONS)[number], server: () => Simulator): void {
  for (const [label, query] of UNKNOWN) {
    test(`an unknown country ${label} is a DTMApiResponseError in both clients`, async () => {
      for (const endpoint of ['admin0', 'admin1', 'admin2'] as const) {
        const both = await callBoth({ version, endpoint, query }, [], server());
        checkSameError(both, 'DTMApiResponseError', 1);
        assert.equal(errorOf(both.ours).classes[0], 'DTMUnknownCountryError');
        assert.match(errorOf(both.theirs).errorMessages.join(), /^No Country .*found matching your query\.$/);
      }
    });
  }
  test('a bad key is a DTMAuthenticationError in both clients', async () => {
    for (const endpoint of ['countries', 'operations', 'admin0', 'admin1', 'admin2'] as const) {
      const query = endpoint.startsWith('admin') ? afg : {};
      const { ours, theirs, requests } = await callBoth(
        { version, endpoint, query, key: 'bad' },
        [],
        server(),
      );
      assert.equal(errorOf(theirs).classes[0], 'DTMAuthenticationError');
      assert.equal(errorOf(ours).classes[0], 'DTMAuthenticationError');
      assert.deepEqual(requests, { ours: 1, theirs: 1 });
    }
  });
}

for (const version of API_VERSIONS)
  describe(`synthetic ${version}`, () => unknownCountries(version, () => simulator));

for (const version of RECORDED_VERSIONS) {
  describe(`recorded ${version}`, () => {
    let recorded: Simulator;
    before(async () => {
      recorded = await startSimulator({ answers: recordedAnswers(version) });
    });
    after(() => recorded?.close());
    unknownCountries(version, () => recorded);
  });
}

describe('before any request', () => {
  const INVALID = [
    ['no selector', {}],
    ['only an area', { admin1Pcode: 'AF03' }],
    ['a month 13', { ...afg, fromReportingDate: '2024-13-01' }],
    ['a day that is not', { ...afg, toReportingDate: '2023-02-29' }],
    ['a date in another form', { ...afg, fromReportingDate: '31/01/2024' }],
    ['dates in the wrong order', { ...afg, fromReportingDate: '2024-02-01', toReportingDate: '2024-01-31' }],
    ['a negative round', { ...afg, fromRoundNumber: -1 }],
    ['a negative last round', { ...afg, toRoundNumber: -1 }],
    ['rounds in the wrong order', { ...afg, fromRoundNumber: 3, toRoundNumber: 2 }],
  ] as const;
  for (const [label, query] of INVALID) {
    test(`${label} is a ValidationError before any request`, async () => {
      for (const endpoint of ['admin1', 'admin2'] as const)
        checkSameError(await callBoth({ endpoint, query }), 'ValidationError', 0);
      if ('admin1Pcode' in query) return;
      checkSameError(await callBoth({ endpoint: 'admin0', query }), 'ValidationError', 0);
    });
  }
  test('no key is a DTMAuthenticationError before any request', async () =>
    checkSameError(await callBoth({ ...admin2, key: null }), 'DTMAuthenticationError', 0));
  test('an unknown API version is a DTMApiVersionError, with or without a key', async () => {
    checkSameError(await callBoth({ ...admin2, version: 'v1' }), 'DTMApiVersionError', 0);
    checkSameError(await callBoth({ ...admin2, version: 'v4', key: null }), 'DTMApiVersionError', 0);
  });
});

describe('retries', () => {
  for (const fault of ['500*2', '502*1', '503*3', '504*2', '429*2', 'reset*2']) {
    test(`both clients retry after ${fault} and get the rows`, async () => {
      const { ours, theirs, requests } = await callBoth({ ...admin2, maxRetries: 3 }, [fault]);
      const expected = rowsOf(await askOurs({ url: simulator.url, ...admin2 }));
      assert.ok(expected.length > 0);
      assert.deepEqual(rowsOf(ours), expected);
      assert.deepEqual(rowsOf(theirs), expected);
      const sent = 1 + Number(fault.split('*')[1]);
      assert.deepEqual(requests, { ours: sent, theirs: sent });
    });
  }
  for (const fault of ['500', '429', 'reset']) {
    test(`both clients give up on endless ${fault} after the same number of requests`, async () => {
      const { ours, theirs, requests } = await callBoth({ ...admin2, maxRetries: 2 }, [fault]);
      assert.equal(errorOf(ours).classes[0], 'DTMApiRequestError');
      assert.equal(errorOf(theirs).classes[0], 'DTMApiRequestError');
      assert.deepEqual(requests, { ours: 3, theirs: 3 });
    });
  }
  test('both clients retry a slow server, then raise DTMApiTimeoutError', async () => {
    const asked = { ...admin2, timeout: 0.3, maxRetries: 1 };
    checkSameError(await callBoth(asked, ['slow-headers=5000']), 'DTMApiTimeoutError', 2);
  });
  test('neither client retries a refusal', async () => {
    const asked = { ...admin2, maxRetries: 3 };
    checkSameError(await callBoth(asked, ['refused=Not today.']), 'DTMApiResponseError', 1);
    const { ours, theirs, requests } = await callBoth(asked, ['403json']);
    for (const outcome of [ours, theirs]) assert.equal(errorOf(outcome).classes[0], 'DTMAuthenticationError');
    assert.deepEqual(requests, { ours: 1, theirs: 1 });
  });
});

describe('ours differs', () => {
  test('our client can request round 0; the official one cannot', async () => {
    for (const endpoint of ['admin0', 'admin1', 'admin2'] as const) {
      const hti = { admin0Pcode: 'HTI' };
      const whole = rowsOf(await askOurs({ url: simulator.url, endpoint, query: hti }));
      for (const query of [
        { ...hti, fromRoundNumber: 0, toRoundNumber: 0 },
        { ...hti, toRoundNumber: 0 },
      ]) {
        const { ours, theirs, requests } = await callBoth({ endpoint, query });
        assert.equal(errorOf(theirs).classes[0], 'ValidationError');
        assert.deepEqual(requests, { ours: 1, theirs: 0 });
        // The server would treat round 0 as no filter, so our client filters the rows.
        assert.deepEqual(simulator.requests.at(-1)?.query, { Admin0Pcode: 'HTI' });
        assert.ok(rowsOf(ours).length > 0);
        assert.deepEqual(
          rowsOf(ours),
          whole.filter((row) => row.roundNumber === 0),
        );
      }
    }
  });
  test('our client refuses a blank selector or date before any request', async () => {
    const blank = await callBoth({ endpoint: 'admin0', query: { admin0Pcode: '' } });
    assert.equal(errorOf(blank.theirs).classes[0], 'DTMApiResponseError');
    assert.equal(errorOf(blank.ours).classes[0], 'ValidationError');
    assert.deepEqual(blank.requests, { ours: 0, theirs: 1 });
    const dated = await callBoth({ endpoint: 'admin0', query: { ...afg, fromReportingDate: '' } });
    assert.ok(rowsOf(dated.theirs).length > 0);
    assert.equal(errorOf(dated.ours).classes[0], 'ValidationError');
  });
  test('our client reports a firewall page as DTMFirewallError, not as a bad key', async () => {
    const { ours, theirs } = await callBoth(admin2, ['firewall']);
    assert.equal(errorOf(theirs).classes[0], 'DTMAuthenticationError');
    assert.deepEqual(errorOf(ours).classes.slice(0, 2), ['DTMFirewallError', 'DTMApiRequestError']);
  });
  test('our client reports a count that contradicts the rows as an error', async () => {
    const { ours, theirs } = await callBoth(admin2, ['count=1']);
    assert.ok(rowsOf(theirs).length > 0);
    assert.equal(errorOf(ours).classes[0], 'DTMAnswerShapeError');
  });
  test("our client reports another country's rows as an error", async () => {
    const { ours, theirs } = await callBoth(admin2, ['foreign=FJI']);
    assert.ok(rowsOf(theirs).every((row) => row.admin0Pcode === 'FJI'));
    assert.equal(errorOf(ours).classes[0], 'DTMAnswerShapeError');
  });
  test('our client retries a body that is not JSON', async () => {
    const { ours, theirs, requests } = await callBoth({ ...admin2, maxRetries: 2 }, ['truncated-json*1']);
    assert.ok(rowsOf(ours).length > 0);
    assert.equal(errorOf(theirs).classes[0], 'DTMApiRequestError');
    assert.deepEqual(requests, { ours: 2, theirs: 1 });
  });
  test('our client does not send the key to a redirect target', async () => {
    await using elsewhere = await startSimulator({ scale: 0.02 });
    const target = `${elsewhere.url}/v3/displacement/admin2?Admin0Pcode=AFG`;
    simulator.setFaults([`redirect=${target}`]);
    const call = { url: simulator.url, ...admin2 };
    const refused = errorOf(await askOurs(call));
    assert.equal(refused.classes[0], 'DTMApiRequestError');
    assert.match(refused.message, /redirect/);
    assert.equal(elsewhere.requests.length, 0);
    assert.ok(rowsOf(await official.ask(call)).length > 0);
    assert.equal(elsewhere.requests[0]?.key, 'primary');
  });
});
