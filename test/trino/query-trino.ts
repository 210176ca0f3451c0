// Trino's REST protocol: POST a statement, follow `nextUri` until it is gone.
import { setTimeout } from 'node:timers/promises';

export interface Answer {
  readonly rows: readonly (readonly unknown[])[];
  /** Rows that the server took from files, whatever it did with them. */
  readonly rowsRead: number;
}

interface Page {
  readonly data?: readonly (readonly unknown[])[];
  readonly error?: { readonly message: string; readonly errorName: string };
  readonly nextUri?: string;
  readonly stats: { readonly processedRows: number };
}

const HEADERS = { 'X-Trino-User': 'test', 'X-Trino-Catalog': 'hive', 'X-Trino-Time-Zone': 'UTC' };

/** Just after its start the server has not yet found itself as a worker. */
const TRIES = 60;

/** Runs one statement. @throws {Error} with the server's message and the statement */
export async function ask(server: string, sql: string): Promise<Answer> {
  for (let tries = 1; ; tries++) {
    const { page, rows } = await follow(server, sql);
    if (!page.error) return { rows, rowsRead: page.stats.processedRows };
    if (page.error.errorName !== 'NO_NODES_AVAILABLE' || tries === TRIES)
      throw new Error(`${page.error.message}\n${sql}`);
    await setTimeout(500);
  }
}

async function follow(server: string, sql: string): Promise<{ page: Page; rows: (readonly unknown[])[] }> {
  const posted = await fetch(`${server}/v1/statement`, { method: 'POST', headers: HEADERS, body: sql });
  let page = (await posted.json()) as Page;
  const rows = [...(page.data ?? [])];
  while (page.nextUri && !page.error) {
    page = (await (await fetch(page.nextUri, { headers: HEADERS })).json()) as Page;
    rows.push(...(page.data ?? []));
  }
  return { page, rows };
}
