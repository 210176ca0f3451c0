// Sample input of the metadata, without a release: fixed texts, and one file of each kind.
import type { MetadataInput } from '../../../lib/make/metadata/describe.ts';
import {
  countryCsv,
  countryParquet,
  countryXlsx,
  wholeCsv,
  wholeParquet,
} from '../../../lib/release/layout.ts';
import type { ManifestFile } from '../../../lib/release/manifest.ts';
import { LEVEL_TABLES, TABLES } from '../../../lib/table/schema.ts';

const file = (path: string, more: Partial<ManifestFile>): ManifestFile => ({
  ...{ path, table: null, country: null, format: 'text', rows: null, bytes: path.length },
  sha256: Buffer.from(path).toString('hex').padEnd(64, '0').slice(0, 64),
  ...more,
});

/** Files with rows of one table. */
export const DATA_FILES: readonly ManifestFile[] = [
  ...TABLES.flatMap((table) => [
    file(wholeParquet(table), { table, format: 'parquet', rows: 3 }),
    file(wholeCsv(table), { table, format: 'csv', rows: 3 }),
  ]),
  ...LEVEL_TABLES.flatMap((table) => [
    file(countryParquet(table, 'HTI'), { table, country: 'HTI', format: 'parquet', rows: 3 }),
    file(countryCsv(table, 'HTI'), { table, country: 'HTI', format: 'csv', rows: 3 }),
  ]),
];

/** A file with rows of several tables. */
export const WORKBOOK = file(countryXlsx('HTI'), { country: 'HTI', format: 'xlsx', rows: 9 });

/** Files without rows, or with rows of another schema. */
const OTHER_FILES: readonly ManifestFile[] = [
  file('changes/changes.json', { format: 'json' }),
  file('changes/admin0.parquet', { format: 'parquet', rows: 3 }),
  file('changes/admin1.parquet', { table: 'admin1', format: 'parquet', rows: 3 }),
  file('LICENSE.txt', {}),
];

/** The sample input; `more` replaces some of its values. */
export const describedAs = (more: Partial<MetadataInput> = {}): MetadataInput => ({
  ...{
    dataset: 'dtm-idp',
    api_version: 'v3',
    synthetic: false,
    visibility: 'public',
    release: '2026-11-24.1',
  },
  ...{ created_at: '2026-11-24T05:00:00.000Z', schema_version: '1.0.0', licence: 'By agreement.' },
  ...{ credit: 'Source: somebody', citation: 'somebody: dataset.', contact: null, tables: [] },
  ...{
    files: [...DATA_FILES, WORKBOOK, ...OTHER_FILES],
    generator: { name: 'dtm-exporter', version: '0.0.0', reading: null },
  },
  ...{ publicUrl: null, prefix: null },
  ...more,
});
