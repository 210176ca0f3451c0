// Runs statements with Trino's REST protocol: POST a statement, then follow `nextUri` until the response has none.
import { setTimeout } from 'node:timers/promises';

export interface QueryResult {
  readonly rows: readonly (readonly unknown[])[];
  /** Rows that the server read from files. */
  readonly rowsRead: number;
}

interface Page {
  readonly data?: readonly (readonly unknown[])[];
  readonly error?: { readonly message: string; readonly errorName: string };
  readonly nextUri?: string;
  readonly stats: { readonly processedRows: number };
}

const HEADERS = { 'X-Trino-User': 'test', 'X-Trino-Catalog': 'hive', 'X-Trino-Time-Zone': 'UTC' };

/** Right after its start, the server does not yet know itself as a worker, so a statement is repeated. */
const MAX_ATTEMPTS = 60;

/** Runs one statement. @throws {Error} with the server's message and the statement */
export async function runStatement(server: string, sql: string): Promise<QueryResult> {
  for (let attempt = 1; ; attempt++) {
    const { page, rows } = await fetchPages(server, sql);
    if (!page.error) return { rows, rowsRead: page.stats.processedRows };
    if (page.error.errorName !== 'NO_NODES_AVAILABLE' || attempt === MAX_ATTEMPTS)
      throw new Error(`${page.error.message}\n${sql}`);
    await setTimeout(500);
  }
}

async function fetchPages(
  server: string,
  sql: string,
): Promise<{ page: Page; rows: (readonly unknown[])[] }> {
  const response = await fetch(`${server}/v1/statement`, { method: 'POST', headers: HEADERS, body: sql });
  let page = (await response.json()) as Page;
  const rows = [...(page.data ?? [])];
  while (page.nextUri && !page.error) {
    page = (await (await fetch(page.nextUri, { headers: HEADERS })).json()) as Page;
    rows.push(...(page.data ?? []));
  }
  return { page, rows };
}
