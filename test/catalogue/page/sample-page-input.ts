// A sample input of `renderPage`, written by hand. A test can replace every text that comes from outside.
import type { CurrentRelease, NewestCount, PageInput } from '../../../lib/catalogue/page/input.ts';
import { tablesOf } from '../../../lib/table/schema.ts';
import { emptyManifest } from '../../stores.ts';

export const RELEASE = '2026-11-24.1';

/** The texts of a page that come from the API, the operator or a withdrawal. */
export interface Texts {
  readonly country: string;
  readonly operation: string;
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly licence: string;
  readonly contact: string;
  readonly changes: string;
  readonly withdrawn: string;
  readonly check: string;
}

export const PLAIN: Texts = {
  country: 'Haiti',
  operation: 'Earthquake',
  type: 'BA',
  status: 'Active',
  reason: 'no answer in 120 s',
  licence: 'CC-BY-4.0',
  contact: 'the operator',
  changes: 'The first release.',
  withdrawn: 'wrong year',
  check: 'rows without a figure',
};

/** The same text in every place. */
export const sameTextEverywhere = (text: string): Texts =>
  Object.fromEntries(Object.keys(PLAIN).map((key) => [key, text])) as unknown as Texts;

export const newestCount = (texts: Texts, overrides: Partial<NewestCount> = {}): NewestCount => ({
  country: 'HTI',
  name: texts.country,
  operation: texts.operation,
  assessment_type: texts.type,
  status: texts.status,
  date: '2026-10-31',
  round: 3,
  level: 0,
  idps: 1_234_567,
  usual_days: 31,
  ...overrides,
});

const unit = { rows: 0, fetched_at: null, raw_sha256: null, raw_bytes: null, from: null } as const;

function sampleManifest(texts: Texts): CurrentRelease['manifest'] {
  const schemas = Object.values(tablesOf('v3'));
  const sha256 = 'ab'.repeat(32);
  return {
    ...emptyManifest(RELEASE, null),
    licence: texts.licence,
    contact: texts.contact,
    quality: { passed: 3, failed: [texts.check] },
    tables: schemas.map(({ name, columns }) => ({
      name,
      rows: 7,
      columns: columns.map((column) => ({ name: column.name, type: column.type, nullable: column.nullable })),
    })),
    coverage: {
      units: [
        { ...unit, level: 0, country: 'HTI', status: 'failed', reason: texts.reason },
        { ...unit, level: 1, country: 'HTI', status: 'carried', reason: texts.reason, from: '2026-11-23.1' },
        { ...unit, level: 2, country: 'HTI', status: 'empty', reason: texts.reason },
      ],
    },
    files: [
      {
        path: 'tables/admin0/admin0.parquet',
        table: 'admin0',
        country: null,
        format: 'parquet',
        rows: 7,
        bytes: 1234,
        sha256,
      },
      {
        path: 'csv/admin0/country=HTI/admin0-HTI.csv.gz',
        table: 'admin0',
        country: 'HTI',
        format: 'csv',
        rows: 7,
        bytes: 999,
        sha256,
      },
    ],
  };
}

/** The input of a page with one country, each kind of gap, and an earlier release that was withdrawn. */
export const pageInput = (texts: Texts = PLAIN, overrides: Partial<PageInput> = {}): PageInput => ({
  identity: { dataset: 'dtm-idp', synthetic: true, visibility: 'private' },
  current: {
    manifest: sampleManifest(texts),
    published_at: '2026-11-24T06:00:00.000Z',
    newest: [newestCount(texts)],
    names: { HTI: texts.country },
    chartScripts: { HTI: 'assets/picture-HTI-0123456789abcdef.js' },
    structuredData: { '@type': 'Dataset', name: texts.country },
    bibtex: `@misc{x, author = {${texts.country}}}`,
    athenaDatabase: 'dtm_idp_2026_11_24_1',
  },
  releases: [
    listed(RELEASE, texts, null),
    listed('2026-11-23.1', texts, { reason: texts.withdrawn, date: '2026-11-24T05:00:00.000Z' }),
  ],
  since: null,
  browser: {
    page: 'assets/page-1.js',
    style: 'assets/style-1.css',
    icon: 'assets/icon-1.svg',
    charts: 'assets/charts-1.js',
    country: 'assets/country-1.js',
    map: 'assets/map-1.js',
    viewer: 'assets/viewer-1.js',
  },
  publicUrl: null,
  sourceHash: 'f'.repeat(64),
  ...overrides,
});

const listed = (
  release: string,
  { changes }: Texts,
  withdrawn: PageInput['releases'][number]['withdrawn'],
): PageInput['releases'][number] => ({
  release,
  published_at: `${release.slice(0, 10)}T06:00:00.000Z`,
  manifest: `releases/${release}/manifest.json`,
  schema_version: '1.0.0',
  rows: { admin0: 7 },
  changes,
  changesFile: null,
  expires_at: null,
  withdrawn,
});
