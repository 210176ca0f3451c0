// A served table of several row groups, which is read by parts.
import type { TestContext } from 'node:test';
import { openDataset, type Release } from '../../lib/dataset/reader.ts';
import { exportInto, simulator, skipSchemaCheck, temporaryFolder } from '../setting.ts';
import { collect } from './outcomes.ts';
import { type Fault, type FileRequest, type FileServer, startFiles } from './start-files.ts';

const TABLE = 'tables/admin2/admin2.parquet';

/** Some columns of a row. */
interface PartialRow {
  readonly admin0_pcode: string;
  readonly reporting_date: string;
}

export interface ServedTable {
  readonly folder: string;
  readonly files: FileServer;
  readonly release: Release;
  /** Bytes of the table. */
  readonly size: number;
  /** Two columns of all rows. */
  readonly rows: readonly PartialRow[];
  /** Reads these rows. */
  read(options?: { readonly signal?: AbortSignal; readonly checked?: boolean }): Promise<PartialRow[]>;
  /** Sets the fault of the requests of the table, by their number from 1, and forgets earlier requests. */
  faulty(fault: (request: FileRequest, number: number) => Fault | undefined): void;
}

/** Exports a world's `admin2`, and serves it. `timeout` is that of the reader, in seconds. */
export async function serveTable(t: TestContext, { timeout = 5 } = {}): Promise<ServedTable> {
  const world = await simulator(t, { scale: 0.3 });
  const folder = skipSchemaCheck(await temporaryFolder(t));
  await exportInto({ folder, url: world.url, countries: null, levels: [2] });
  const files = await startFiles(t, folder);
  const release = await openDataset(files.url, { retryDelay: 0.001, timeout }).current();
  const read: ServedTable['read'] = (options = {}) =>
    collect(release.rows('admin2', { columns: ['admin0_pcode', 'reporting_date'], ...options }));
  const faulty: ServedTable['faulty'] = (fault) => {
    files.requests.length = 0;
    let number = 0;
    files.fault = (request) => (request.path.endsWith(TABLE) ? fault(request, ++number) : undefined);
  };
  return { folder, files, release, read, faulty, rows: await read(), size: release.file(TABLE).bytes };
}
