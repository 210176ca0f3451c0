// Real answers of the API, sent by a local server and read by the client.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { API_VERSIONS, type ApiVersion, type Endpoint } from '../../lib/dtm/endpoints.ts';
import { assertSame } from '../assert-same.ts';
import { client, serve } from './start-api-server.ts';

const root = resolve(import.meta.dirname, '../..');
const recorded = resolve(root, process.env.DTM_RECORDED ?? '../shared/recorded');

const LISTS: Readonly<Record<string, Endpoint>> = {
  'country-list': 'countries',
  'operation-list': 'operations',
};

for (const version of API_VERSIONS.filter(isRecorded)) {
  for (const file of readdirSync(join(recorded, version)).filter((each) => each.endsWith('.json'))) {
    test(`recorded ${version}/${file} is read unchanged and without drift`, async (t) => {
      const bytes = readFileSync(join(recorded, version, file));
      const server = await serve(t, (response) => {
        response.writeHead(200, { 'Content-Type': 'application/json' }).end(bytes);
      });
      const [stem = '', code] = file.replace('.json', '').split(/-(?=[A-Z]{3}$)/);
      const query = code === undefined ? {} : { admin0Pcode: code };
      const answer = await client(server, { apiVersion: version }).ask(
        LISTS[stem] ?? (stem as Endpoint),
        query as object,
      );
      assertSame(answer.rows, JSON.parse(bytes.toString()).result);
      assertSame(Buffer.from(answer.body), bytes);
      assert.equal(answer.outcome, 'rows');
      assert.equal(answer.envelope.totalRecordsCount, answer.rows.length);
      assert.deepEqual([...answer.unknownFields], []);
      const withoutId = version === 'v3' && stem === 'admin0';
      assert.deepEqual([...answer.absentFields], withoutId ? [['id', answer.rows.length]] : []);
      assert.equal(answer.synthetic, false);
    });
  }
}

if (!API_VERSIONS.some(isRecorded)) {
  test('recorded answers: none found, so nothing is compared', (t) =>
    t.diagnostic(`no recorded answers in ${recorded} (DTM_RECORDED): nothing compared`));
}

function isRecorded(version: ApiVersion): boolean {
  return existsSync(join(recorded, version));
}
