import assert from 'node:assert/strict';
import { get, type IncomingMessage } from 'node:http';
import { after, before, beforeEach, test } from 'node:test';
import { createGunzip } from 'node:zlib';
import { type Simulator, startSimulator } from '../../lib/simulator/server.ts';
import { type Answer, answer, ask } from './ask-simulator.ts';

const V3 = '/v3/displacement';
const HTI = `${V3}/admin1?Admin0Pcode=HTI`;
let simulator: Simulator;
let whole: Answer;

before(async () => {
  simulator = await startSimulator({ scale: 0.05 });
  whole = await answer(simulator, HTI);
});
beforeEach(() => simulator.setFaults([]));
after(() => simulator.close());

const INSTEAD: readonly (readonly [spec: string, status: number, type: string, body: RegExp])[] = [
  ['429', 429, 'application/json', /"statusCode":429/],
  ['500', 500, 'application/json', /"message":"Internal server error"/],
  ['502', 502, 'application/json', /"statusCode":502/],
  ['503', 503, 'application/json', /"statusCode":503/],
  ['504', 504, 'application/json', /"statusCode":504/],
  ['dead@HTI', 500, 'application/json', /"statusCode":500/],
  ['401', 401, 'application/json', /invalid subscription key/],
  ['403json', 403, 'application/json', /"statusCode":403/],
  ['firewall', 403, 'text/html', /<html>/],
  ['html', 200, 'text/html', /<html>/],
  ['redirect', 302, 'text/html', /^$/],
  [
    'refused',
    200,
    'application/json',
    /"isSuccess":false,"errorMessages":\["The request could not be processed\."\]/,
  ],
  ['refused=No such luck', 200, 'application/json', /"errorMessages":\["No such luck"\]/],
  ['echo-key', 400, 'application/json', /sample-key/],
  ['echo-key=500', 500, 'application/json', /sample-key/],
];

for (const [spec, status, type, body] of INSTEAD) {
  test(`fault ${spec} responds with HTTP ${status}`, async () => {
    simulator.setFaults([spec]);
    const response = await ask(simulator, HTI);
    assert.equal(response.status, status);
    assert.ok(response.headers.get('content-type')?.startsWith(type));
    assert.equal(response.headers.get('retry-after'), null);
    assert.match(await response.text(), body);
    assert.equal(simulator.requests.at(-1)?.fault, spec);
    assert.equal(simulator.requests.at(-1)?.status, status);
  });
}

test('the Retry-After of a fault is seconds or a date', async () => {
  simulator.setFaults(['429=7*1', '503=date*1', '429=date:90']);
  const after = async () => (await ask(simulator, HTI)).headers.get('retry-after') ?? '';
  assert.equal(await after(), '7');
  const [soon, later] = [Date.parse(await after()) - Date.now(), Date.parse(await after()) - Date.now()];
  assert.ok(soon > 0 && soon <= 2_000, String(soon));
  assert.ok(later > 85_000 && later <= 90_000, String(later));
});

test('fault redirect=URL redirects, and the log shows the key of a followed request', async () => {
  simulator.setFaults([`redirect=${simulator.url}/trap*1`]);
  await fetch(simulator.url + HTI, { headers: { 'Ocp-Apim-Subscription-Key': 'sample-key' } });
  assert.equal(simulator.requests.at(-1)?.endpoint, '/trap');
  assert.equal(simulator.requests.at(-1)?.key, 'primary');
});

/** The rows that differ from the answer without faults. */
function differing(got: Answer): Record<string, unknown>[] {
  return got.result.filter((row, i) => JSON.stringify(row) !== JSON.stringify(whole.result[i]));
}

const ROWS: readonly (readonly [
  spec: string,
  hits: number | 'all',
  holds: (row: Record<string, unknown>) => boolean,
])[] = [
  ['type', 1, (row) => typeof row.numPresentIdpInd === 'string'],
  ['type=operation', 1, (row) => row.operation === 12345],
  ['missing', 1, (row) => !('numPresentIdpInd' in row)],
  ['missing=reportingDate', 1, (row) => !('reportingDate' in row)],
  ['missing=noSuchField', 1, (row) => !('id' in row)],
  ['date', 1, (row) => row.reportingDate === '2023-02-30T00:00:00'],
  ['date=2023-01-01T10:30:00', 1, (row) => row.reportingDate === '2023-01-01T10:30:00'],
  ['extra', 'all', (row) => row.hazardSubType === 'Flood'],
  ['extra=severity', 'all', (row) => row.severity === 'Flood'],
  ['foreign', 'all', (row) => row.admin0Pcode === 'MNG'],
  ['foreign=KEN', 'all', (row) => row.admin0Pcode === 'KEN'],
];

for (const [spec, hits, holds] of ROWS) {
  test(`fault ${spec} changes ${hits === 1 ? 'one row' : 'every row'} and nothing else`, async () => {
    simulator.setFaults([spec]);
    const got = await answer(simulator, HTI);
    const changed = differing(got);
    assert.equal(changed.length, hits === 'all' ? whole.result.length : 1);
    assert.ok(changed.every(holds));
    assert.equal(got.totalRecordsCount, got.result.length);
  });
}

test('fault count adds 1 or its value to totalRecordsCount', async () => {
  simulator.setFaults(['count*1', 'count=50']);
  const [one, fifty] = [await answer(simulator, HTI), await answer(simulator, HTI)];
  assert.equal(one.totalRecordsCount, one.result.length + 1);
  assert.equal(fifty.totalRecordsCount, fifty.result.length + 50);
  assert.deepEqual(fifty.result, whole.result);
});

test('faults on rows apply to lists, and also to an answer without rows', async () => {
  simulator.setFaults(['type@countries', 'foreign@MNG']);
  const { result } = await answer(simulator, `${V3}/country-list`);
  assert.equal(result.filter((row) => row.admin0Name === (12345 as unknown)).length, 1);
  assert.deepEqual((await answer(simulator, `${V3}/admin0?Admin0Pcode=MNG`)).result, []);
});

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return (performance.now() - from) / 1000;
}

test('fault latency is fixed or lognormal, and combines with another fault', async () => {
  simulator.setFaults(['latency=120*1', '503']);
  const slow = await seconds(async () => assert.equal((await ask(simulator, HTI)).status, 503));
  assert.ok(slow >= 0.115, String(slow));
  simulator.setFaults(['latency=lognormal:40:0.1']);
  const drawn = await seconds(() => answer(simulator, HTI));
  assert.ok(drawn > 0.02, String(drawn));
});

test('fault slow-headers delays the headers, slow-body spreads the body', async () => {
  simulator.setFaults(['slow-headers=150*1', 'slow-body=1000']);
  const headers = await seconds(() => ask(simulator, HTI));
  const early = await seconds(async () => {
    const response = await ask(simulator, HTI);
    const body = await seconds(async () => assert.deepEqual(await response.json(), whole));
    assert.ok(body > 0.1, String(body));
  });
  assert.ok(headers >= 0.145 && early >= 0.98, `${headers} ${early}`);
});

test('fault bandwidth spreads the bytes over time and changes none', async () => {
  const length = Number((await ask(simulator, HTI)).headers.get('content-length'));
  assert.ok(length > 1_000);
  simulator.setFaults([`bandwidth=${length * 5}`]);
  const taken = await seconds(async () => assert.deepEqual(await answer(simulator, HTI), whole));
  assert.ok(taken >= 0.195, String(taken));
});

test('fault cut closes the connection within the body', async () => {
  simulator.setFaults(['cut']);
  const response = await ask(simulator, HTI);
  assert.equal(response.status, 200);
  await assert.rejects(response.text());
});

test('fault reset sends no response', async () => {
  simulator.setFaults(['reset']);
  await assert.rejects(ask(simulator, HTI), /fetch failed/);
  assert.equal(simulator.requests.at(-1)?.status, 0);
});

test('fault truncated-json sends a complete response with half of the JSON', async () => {
  simulator.setFaults(['truncated-json']);
  const text = await (await ask(simulator, HTI)).text();
  const full = JSON.stringify(whole);
  assert.throws(() => JSON.parse(text), SyntaxError);
  assert.ok(
    full.startsWith(text.slice(0, -3)) && text.length < full.length * 0.6 && text.length > full.length * 0.4,
  );
});

/** Reads up to `enough` bytes after decompression, then closes the connection. */
function readSome(path: string, enough: number): Promise<{ wire: number; body: number }> {
  return new Promise((resolve, reject) => {
    const headers = { 'Ocp-Apim-Subscription-Key': 'sample-key' };
    const countBytes = async (response: IncomingMessage) => {
      let wire = 0;
      response.on('data', (chunk: Buffer) => {
        wire += chunk.length;
      });
      const packed = response.headers['content-encoding'] === 'gzip';
      let body = 0;
      for await (const chunk of packed ? response.pipe(createGunzip()) : response) {
        body += (chunk as Buffer).length;
        if (body >= enough) break;
      }
      response.destroy();
      resolve({ wire, body });
    };
    get(simulator.url + path, { headers }, (response) => countBytes(response).catch(reject)).on(
      'error',
      reject,
    );
  });
}

test('fault bomb is small on the wire and large after decompression', async () => {
  simulator.setFaults(['bomb=64']);
  const { wire, body } = await readSome(HTI, Number.POSITIVE_INFINITY);
  assert.ok(body > 64_000_000, String(body));
  assert.ok(wire < 200_000, String(wire));
});

test('fault endless sends until the client closes the connection', async () => {
  simulator.setFaults(['endless']);
  const { body } = await readSome(HTI, 8_000_000);
  assert.ok(body >= 8_000_000);
});

test('a fault applies only to requests in its scope', async () => {
  simulator.setFaults(['500@admin1/HTI', '502@TCD', '503@admin2', '504@operations']);
  const status = async (path: string) => (await ask(simulator, `${V3}/${path}`)).status;
  assert.equal(await status('admin1?CountryName=Haiti'), 500);
  assert.equal(await status('admin0?Admin0Pcode=HTI'), 200);
  assert.equal(await status('admin0?Admin0Pcode=TCD'), 502);
  assert.equal(await status('admin2?Admin0Pcode=TCD'), 502);
  assert.equal(await status('admin2?Admin0Pcode=HTI'), 503);
  assert.equal(await status('operation-list'), 504);
  assert.equal(await status('country-list'), 200);
});

test('a fault with *TIMES applies that often, in total or for each country', async () => {
  const statuses = async (codes: string[]) => {
    const list: number[] = [];
    for (const code of codes) list.push((await ask(simulator, `${V3}/admin0?Admin0Pcode=${code}`)).status);
    return list;
  };
  simulator.setFaults(['500*2']);
  assert.deepEqual(await statuses(['HTI', 'TCD', 'HTI']), [500, 500, 200]);
  simulator.setFaults(['500*1each']);
  assert.deepEqual(await statuses(['HTI', 'TCD', 'HTI', 'TCD']), [500, 500, 200, 200]);
});

test('a fault with %PERCENT hits about that share, and the same requests again', async () => {
  const run = async () => {
    simulator.setFaults(['500%30']);
    const list: number[] = [];
    for (let i = 0; i < 100; i++) list.push((await ask(simulator, `${V3}/admin0?Admin0Pcode=MNG`)).status);
    return list;
  };
  const statuses = await run();
  const hits = statuses.filter((status) => status === 500).length;
  assert.ok(hits > 15 && hits < 45, String(hits));
  assert.deepEqual(await run(), statuses);
});

test('a request with a wrong key does not count for a fault', async () => {
  simulator.setFaults(['500*1']);
  assert.equal((await ask(simulator, HTI, { 'Ocp-Apim-Subscription-Key': 'x' })).status, 401);
  assert.equal((await ask(simulator, HTI)).status, 500);
});

const INVALID_SPECS: readonly (readonly [spec: string, message: RegExp])[] = [
  ['', /fault "": is not of the form KIND\[=VALUE\]\[%PERCENT\]\[@SCOPE\]\[\*TIMES\[each\]\]/],
  ['boom', /fault "boom": boom is not one of 401, .*429, .*renamed/],
  ['constructor', /constructor is not one of/],
  [
    '500@admin7',
    /scope admin7 is not countries, operations, admin0, admin1, admin2, hna-countries, .*hna-file, a country's ISO3 code, or both/,
  ],
  ['500@HTI/TCD', /scope HTI\/TCD is not/],
  ['slow-body', /slow-body is written slow-body=MS/],
  ['slow-body=soon', /slow-body is written slow-body=MS/],
  ['bandwidth=0', /bandwidth is written bandwidth=BYTES_PER_SECOND/],
  ['429=later', /429 is written 429=\[SECONDS\|date\|date:SECONDS\]/],
  ['cut=half', /cut takes no value/],
  ['latency=normal:1:2', /latency is written latency=MS\|lognormal:MEDIAN:SIGMA/],
  ['dead', /dead needs a country: dead@AFG/],
  ['gone@admin0', /gone needs a country/],
  ['changed@HTI*2', /changed changes the world itself/],
  ['renumber@admin1', /renumber changes the world itself/],
  ['500%200', /200 is more than 100 percent/],
];

for (const [spec, message] of INVALID_SPECS) {
  test(`the fault spec "${spec}" is refused with a reason`, async () => {
    await assert.rejects(startSimulator({ faults: [spec] }), message);
    assert.throws(() => simulator.setFaults([spec]), message);
  });
}
