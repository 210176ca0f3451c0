import assert from 'node:assert/strict';
import { test } from 'node:test';
import { headersFor, type Visibility } from '../../lib/store/headers.ts';

const YEAR = 'public, max-age=31536000, immutable';
/** A shared cache keeps figures for a day, because they may be withdrawn. */
const FIGURES = 'public, max-age=31536000, s-maxage=86400, immutable';
const REVALIDATE = 'public, no-cache';

const CASES: [key: string, type: string, cache: string][] = [
  ['latest.json', 'application/json', REVALIDATE],
  ['releases.json', 'application/json', REVALIDATE],
  ['status.json', 'application/json', REVALIDATE],
  ['index.html', 'text/html; charset=utf-8', REVALIDATE],
  ['feed.xml', 'application/atom+xml', REVALIDATE],
  ['assets/page-0123456789abcdef.js', 'text/javascript; charset=utf-8', YEAR],
  ['assets/style-0123456789abcdef.css', 'text/css; charset=utf-8', YEAR],
  ['assets/picture-TCD-0123456789abcdef.js', 'text/javascript; charset=utf-8', FIGURES],
  ['releases/2026-11-24.1/manifest.json', 'application/json', 'public, max-age=300'],
  ['releases/2026-11-24.1/withdrawn.json', 'application/json', 'public, max-age=300'],
  ['releases/2026-11-24.1/claim.json', 'application/json', FIGURES],
  ['releases/2026-11-24.1/sql/manifest.json', 'application/json', FIGURES],
  ['releases/2026-11-24.1/tables/admin0/admin0.parquet', 'application/vnd.apache.parquet', FIGURES],
  ['releases/2026-11-24.1/csv/admin0.csv.gz', 'application/gzip', FIGURES],
  ['releases/2026-11-24.1/csv/admin1/country=AFG/admin1-AFG.csv.gz', 'application/gzip', FIGURES],
  [
    'releases/2026-11-24.1/xlsx/AFG.xlsx',
    'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    FIGURES,
  ],
  ['releases/2026-11-24.1/sql/athena.sql', 'application/sql; charset=utf-8', FIGURES],
  ['releases/2026-11-24.1/LICENSE.txt', 'text/plain; charset=utf-8', FIGURES],
  ['releases/2026-11-24.1/SHA256SUMS', 'text/plain; charset=utf-8', FIGURES],
  ['releases/2026-11-24.1/croissant.json', 'application/json', FIGURES],
  ['runs/r/staged/0/AFG.arrow', 'application/vnd.apache.arrow.file', 'private, no-store'],
  ['runs/r/raw/0/AFG.json.gz', 'application/gzip', 'private, no-store'],
  ['releases/r/"; x=.gz', 'application/gzip', FIGURES],
  ['strange', 'application/octet-stream', REVALIDATE],
  ['a.constructor', 'application/octet-stream', REVALIDATE],
  ['json', 'application/json', REVALIDATE],
];

/** The objects that a browser saves, with their file names. */
const SAVED: Record<string, string> = {
  'releases/2026-11-24.1/tables/admin0/admin0.parquet': 'admin0.parquet',
  'releases/2026-11-24.1/csv/admin0.csv.gz': 'admin0.csv.gz',
  'releases/2026-11-24.1/csv/admin1/country=AFG/admin1-AFG.csv.gz': 'admin1-AFG.csv.gz',
  'releases/2026-11-24.1/xlsx/AFG.xlsx': 'AFG.xlsx',
  'runs/r/staged/0/AFG.arrow': 'AFG.arrow',
  'runs/r/raw/0/AFG.json.gz': 'AFG.json.gz',
  'releases/r/"; x=.gz': '___x_.gz',
};

for (const [key, contentType, cacheControl] of CASES) {
  test(`headersFor returns type, cache and file name of ${key}`, () => {
    const contentDisposition = SAVED[key] ? `attachment; filename="${SAVED[key]}"` : null;
    assert.deepEqual(headersFor(key, 'public'), { contentType, cacheControl, contentDisposition });
    const visibility: Visibility = 'private';
    assert.deepEqual(headersFor(key, visibility), {
      contentType,
      cacheControl: cacheControl.replace('public', 'private').replace('s-maxage=86400, ', ''),
      contentDisposition,
    });
  });
}
