// Starts an API that sends the answers of a test byte for byte, without simulator and schema. Each case is a country, so one
// export runs hundreds of answers through the whole pipeline.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { readCurrent } from '../../lib/catalogue/pointer.ts';
import { reportKey } from '../../lib/release/layout.ts';
import type { ManifestUnit } from '../../lib/release/manifest.ts';
import type { Outcome } from '../../lib/run/outcome/outcome.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { verifyRelease } from '../../lib/verify/verify.ts';
import { duckdb, type ExportSetting, exportInto, readCsv, temporaryFolder } from '../setting.ts';

/** A body. Text is sent as UTF-8. */
export type Body = string | Uint8Array;

export interface Answer {
  readonly body: Body;
  readonly headers?: Readonly<Record<string, string>>;
  /** HTTP status. @default 200 */
  readonly status?: number;
  /** If true, the body is sent again and again. @default false */
  readonly endless?: boolean;
}

/** Gives the answer to a request for `countries`, `operations` or a level of a country. */
export type Answers = (endpoint: string, country: string | null) => Body | Answer;

const ENDPOINTS: Readonly<Record<string, string>> = {
  'country-list': 'countries',
  'operation-list': 'operations',
};

export interface HostileApi {
  readonly url: string;
  /** Last part of the path and country of every request: `admin2/AAA`, `country-list/null`. */
  readonly requests: readonly string[];
}

/** Starts a server of these answers on 127.0.0.1 until the test ends. */
export async function serveAnswers(t: TestContext, answers: Answers): Promise<HostileApi> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://127.0.0.1');
    const name = pathname.split('/').at(-1) ?? '';
    const country = searchParams.get('Admin0Pcode');
    requests.push(`${name}/${country}`);
    const answer = answers(ENDPOINTS[name] ?? name, country);
    const { body, headers, endless, status = 200 }: Answer = isAnswer(answer) ? answer : { body: answer };
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
    if (!endless) return response.end(body);
    const sendAgain = (): void => {
      while (!response.destroyed && response.write(body));
    };
    response.on('drain', sendAgain);
    return sendAgain();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

const isAnswer = (answer: Body | Answer): answer is Answer =>
  typeof answer !== 'string' && !(answer instanceof Uint8Array);

/** A row of level 2 with every field of the schema. */
export const ROW = {
  id: 8 as number | null,
  operation: 'Flood response',
  admin0Name: 'Newland',
  admin0Pcode: 'AAA',
  admin1Name: 'North' as string | null,
  admin1Pcode: 'NW01' as string | null,
  admin2Name: 'Port' as string | null,
  admin2Pcode: 'NW0101' as string | null,
  numPresentIdpInd: 100 as number | null,
  reportingDate: '2024-02-29T00:00:00',
  yearReportingDate: 2024,
  monthReportingDate: 2,
  roundNumber: 3,
  displacementReason: 'Conflict' as string | null,
  numberMales: 40 as number | null,
  numberFemales: 60 as number | null,
  idpOriginAdmin1Name: 'North' as string | null,
  idpOriginAdmin1Pcode: 'NW01' as string | null,
  assessmentType: 'BA',
};
export type Row = typeof ROW;

/** An answer of the API with these rows. */
export const envelope = (rows: readonly unknown[], changes: object = {}): string =>
  JSON.stringify({
    ...{ result: rows, statusCode: 200, isSuccess: true, errorMessages: [], totalRecordsCount: rows.length },
    ...changes,
  });

/** Code of the n-th country, from 0: AAA, AAB, ... */
export const codeOf = (at: number): string =>
  [at / 676, at / 26, at].map((digit) => String.fromCharCode(65 + (Math.floor(digit) % 26))).join('');

/** Creates a country's answer at level 2 from its code. */
export type Case = (country: string) => Body | Answer;

/** A valid answer. With it in the cases, there is always a row to publish. */
export const GOOD: Case = (admin0Pcode) => envelope([{ ...ROW, admin0Pcode }]);

/** The two lists of an API with `count` countries. */
export function listsOf(count: number): Record<string, string> {
  const countries = Array.from({ length: count }, (_, at) => ({
    admin0Name: 'Newland',
    admin0Pcode: codeOf(at),
  }));
  const operation = { operation: ROW.operation, operationStatus: 'Active', ...countries[0] };
  return { countries: envelope(countries), operations: envelope([operation]) };
}

/** Field of the API by column, for all fields. */
export const FIELDS: Readonly<Record<string, keyof Row>> = Object.fromEntries(
  (Object.keys(ROW) as (keyof Row)[]).map((field) => [
    field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    field,
  ]),
);

/** API: texts that mean "no value" in places and origins. */
const UNAVAILABLE = ['', 'Not available'];

/** The row that DuckDB must read from Parquet or CSV for a row of the API. In CSV every value is text. */
export function expectedRow(row: Row, form: 'parquet' | 'csv'): Record<string, unknown> {
  const sent = (field: keyof Row): unknown => {
    const value = row[field] ?? null;
    if (field === 'reportingDate') return row.reportingDate.slice(0, 10);
    if (/admin[12]/i.test(field) && UNAVAILABLE.includes(value as string)) return null;
    return form === 'csv' && value !== null ? String(value) : value;
  };
  return Object.fromEntries(Object.entries(FIELDS).map(([column, field]) => [column, sent(field)]));
}

/** Rows as sorted JSON texts of the API's columns, so that their order does not matter. */
export const comparable = (rows: ReadRows): string[] =>
  rows.map((row) => JSON.stringify(Object.keys(FIELDS).map((column) => row[column]))).sort();

/** Rows as another reader (DuckDB) reads them from a file, with JSON values. */
export type ReadRows = Record<string, unknown>[];

export interface CaseResults {
  readonly folder: string;
  readonly outcome: Outcome;
  /** The unit of each case in the manifest, in order, with the whole reason of the run's private report. */
  readonly units: readonly ManifestUnit[];
  /** Rows of level 2 that DuckDB reads from Parquet. */
  readonly parquet: ReadRows;
  /** Rows of level 2 that DuckDB reads from CSV. */
  readonly csv: ReadRows;
}

/** Exports the cases, each as level 2 of one country, and reads the published rows. */
export async function tryCases(
  t: TestContext,
  cases: readonly Case[],
  setting: Partial<ExportSetting> = {},
): Promise<CaseResults> {
  const lists = listsOf(cases.length);
  const { url } = await serveAnswers(t, (endpoint, country) => {
    const at = cases.findIndex((_, each) => codeOf(each) === country);
    return lists[endpoint] ?? (cases[at] as Case)(country as string);
  });
  const folder = await temporaryFolder(t);
  const outcome = await exportInto({
    ...{ folder, url, countries: null, levels: [2], options: { maxFailed: 100 } },
    ...setting,
    api: { maxRetries: 0, timeout: 10, ...setting.api },
  });
  const store = folderStore(folder);
  const { problems } = await verifyRelease(store);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  const { manifest } = await readCurrent(store);
  const report = await readFile(join(folder, reportKey(manifest?.run ?? '')), 'utf8');
  const reasons = new Map(JSON.parse(report).units.map((unit: ManifestUnit) => [unit.country, unit.reason]));
  const units = (manifest?.coverage.units ?? [])
    .filter(({ level }) => level === 2)
    .map((unit) => ({ ...unit, reason: reasons.get(unit.country) as string | null }));
  return { folder, outcome, units, ...(await readLevel(folder, outcome.release as string)) };
}

async function readLevel(folder: string, release: string): Promise<{ parquet: ReadRows; csv: ReadRows }> {
  const releaseFolder = join(folder, 'releases', release);
  return {
    parquet: await readExactly(`'${releaseFolder}/tables/admin2/admin2.parquet'`),
    csv: await readExactly(readCsv(`${releaseFolder}/csv/admin2.csv.gz`)),
  };
}

/** Reads rows with DuckDB, passed on as JSON: its client would remove a byte order mark from a string. */
export async function readExactly(from: string): Promise<ReadRows> {
  const rows = await duckdb(`SELECT to_json(each)::VARCHAR AS json FROM (FROM ${from}) each`);
  return rows.map(({ json }) => JSON.parse(json as string));
}
