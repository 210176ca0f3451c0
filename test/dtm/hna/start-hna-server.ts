// Scripted servers for tests of the HNA client.
import { zipSync } from 'fflate';
import { DTMHnaApi, type DTMHnaApiOptions } from '../../../lib/dtm/hna/client.ts';
import { type ScriptedServer, type Step, send } from '../start-api-server.ts';

export const HNA_KEY = 'hna-primary-0123456789';
export const QUERY = { admin0Pcode: 'NWL', year: 2023 };

/** Invented rows: a string, numbers, a boolean and a null. */
export const ROWS = [
  { adm2_name: 'Port', strata: 'IDP', pct_food: 0.25, assessed: true, comment: null },
  { adm2_name: 'Hill', strata: 'IDP', pct_food: 1, assessed: false, comment: 'none' },
];

/** A client of the server. It waits about a millisecond between attempts. */
export function hnaClient(server: Pick<ScriptedServer, 'url'>, options: Partial<DTMHnaApiOptions> = {}) {
  return new DTMHnaApi({
    subscriptionKey: HNA_KEY,
    baseUrl: server.url,
    retryDelay: 0.001,
    timeout: 5,
    ...options,
  });
}

/** The two levels around a result that the official client describes. */
export const nested = (result: unknown, inner: object = {}, outer: object = {}) => ({
  result: { result, isSuccess: true, errorMessages: [], ...inner },
  ...{ id: 103, exception: null, status: 5, ...outer },
});

/** The answer of a page. */
export const page = (rows: readonly unknown[], hasNextPage: boolean) =>
  nested({ data: rows, pagination: { hasNextPage } });

/** A small zip, as a workbook is one. */
export const WORKBOOK = zipSync({ 'xl/workbook.xml': new TextEncoder().encode('<workbook/>'.repeat(50)) });

export const FILE_NAME = 'Report_NWL_2023__20260914101710.xlsx';
export const TOKEN = 'sv=2025-01-05&se=2026-09-14T10%3A27%3A10Z&sig=Zm9v%2BYmFyL3NlY3JldA%3D%3D';

/** The answer of the download endpoint: a link to the server itself. */
export const linkAnswer = (host: string | undefined, changes: object = {}) => ({
  downloadUrl: `http://${host}/files/report.xlsx?${TOKEN}`,
  fileName: FILE_NAME,
  expiresAt: '2099-09-14T10:27:10.6751234+00:00',
  ...changes,
});

/** Answers the download endpoint with a link to the server itself, and the link with `file`. */
export const linkTo =
  (file: Step, changes: object = {}): Step =>
  (response, request) =>
    request.url?.startsWith('/HNA/')
      ? send(linkAnswer(request.headers.host, changes))(response, request)
      : file(response, request);

/** A step that sends the workbook. */
export const workbook: Step = (response) => {
  response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': WORKBOOK.length });
  response.end(WORKBOOK);
};
