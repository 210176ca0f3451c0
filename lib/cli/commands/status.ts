// `status`: prints the newest release, its age, its gaps, the last check, and the freshness of every operation.
import { Command } from 'commander';
import { readCurrent } from '../../catalogue/pointer.ts';
import { nothingPublishedMessage } from '../../catalogue/prefix.ts';
import { readStatus } from '../../catalogue/status.ts';
import { ConfigurationError } from '../../environment/configuration.ts';
import { readParquet } from '../../format/parquet.ts';
import { computeFreshness, type Freshness } from '../../make/quality/freshness.ts';
import { releaseKey, wholeParquet } from '../../release/layout.ts';
import { DamagedFileError, type Manifest } from '../../release/manifest.ts';
import type { Status } from '../../release/status.ts';
import {
  ageText,
  checkedUnits,
  MAX_AGE,
  overdueUnits,
  type UnitAge,
  unitsWithoutAnswer,
  withAges,
} from '../../release/unit-ages.ts';
import { ageWarnings } from '../../run/outcome/warnings.ts';
import { countUnits } from '../../run/units/coverage.ts';
import type { Store } from '../../store/store.ts';
import { tablesOf } from '../../table/schema.ts';
import { openSource } from '../locations.ts';
import { integer } from '../option-values.ts';
import { changesText, unitsText } from '../outcome.ts';
import { printable } from '../printable.ts';
import { findPlace, stackOption } from '../published-location.ts';
import { EXIT, type Finish, type Terminal } from '../terminal.ts';

interface Flags {
  readonly stack?: string;
  readonly maxAge: number;
  readonly json: boolean;
}

const MS_PER_DAY = 86_400_000;

export const statusCommand = (terminal: Terminal, finish: Finish): Command =>
  new Command('status')
    .description('The newest release, its age and gaps, the last check, and how fresh every operation is.')
    .argument('[SOURCE]', 'a folder, s3://bucket/prefix or an https:// address')
    .addOption(stackOption('SOURCE'))
    .option(
      '--max-age <DAYS>',
      'without an answer for a unit from which on it is a warning',
      integer(1),
      MAX_AGE,
    )
    .option('--json', 'print one JSON object on stdout', false)
    .addHelpText('after', '\nExample:\n  $ dtm-exporter status ./dtm-open-data')
    .action(async (source: string | undefined, { json, maxAge, stack }: Flags, command: Command) => {
      const { location } = await findPlace(command, 'SOURCE', { location: source, stack });
      const store = openSource(location);
      const { manifest, pointer } = await readCurrent(store);
      if (!manifest || !pointer) throw new ConfigurationError(await nothingPublishedMessage(store));
      const status = await readStatus(store);
      // The last check may be newer than the release: it may have found gaps although no row changed.
      const ages = withAges(checkedUnits(manifest, status), new Date());
      const operations = computeFreshness(
        await readSnapshots(store, manifest),
        Math.floor(Date.now() / MS_PER_DAY),
      );
      const report = {
        dataset: manifest.dataset,
        synthetic: manifest.synthetic,
        visibility: manifest.visibility,
        release: manifest.release,
        published_at: pointer.published_at,
        age_hours: Math.round((Date.now() - Date.parse(pointer.published_at)) / 36_000) / 100,
        rows: pointer.rows,
        units: countUnits(manifest.coverage.units),
        gaps: unitsWithoutAnswer(ages),
        overdue: overdueUnits(ages, maxAge),
        changes: manifest.changes,
        quality: manifest.quality,
        status,
        operations,
      };
      terminal.result(json ? JSON.stringify(report) : statusText(report));
      for (const warning of ageWarnings(ages, maxAge)) terminal.note(`dtm-exporter: warning: ${warning}`);
      finish(EXIT.done);
    });

async function readSnapshots(store: Store, { release, api_version }: Manifest) {
  const key = releaseKey(release, wholeParquet('snapshots'));
  const found = await store.get(key);
  if (!found) throw new DamagedFileError(key, 'missing');
  try {
    return readParquet(tablesOf(api_version).snapshots.columns, found.body);
  } catch (error) {
    throw new DamagedFileError(key, (error as Error).message);
  }
}

interface StatusReport {
  readonly dataset: string;
  readonly synthetic: boolean;
  readonly visibility: string;
  readonly release: string;
  readonly published_at: string;
  readonly age_hours: number;
  readonly rows: Readonly<Record<string, number>>;
  readonly units: ReturnType<typeof countUnits>;
  readonly gaps: readonly UnitAge[];
  readonly overdue: readonly UnitAge[];
  readonly changes: Manifest['changes'];
  readonly quality: Manifest['quality'];
  readonly status: Status | null;
  readonly operations: readonly Freshness[];
}

function statusText(report: StatusReport): string {
  const rows = Object.entries(report.rows).map(([table, count]) => `${table} ${count.toLocaleString('en')}`);
  const { units, gaps, status, operations, quality } = report;
  const check = status?.last_check;
  const failure = status?.last_failure;
  return [
    `${report.dataset}, ${report.visibility}${report.synthetic ? ', synthetic: invented figures' : ''}`,
    `release      ${report.release}, published ${report.published_at} (${agoText(report.age_hours)})`,
    `rows         ${rows.join(', ')}`,
    `units        ${unitsText(units)}`,
    `changes      ${changesText(report.changes)}`,
    `gaps         ${gaps.map((unit) => ageText(unit, unit.status)).join('; ') || 'none'}`,
    `quality      ${quality.passed} checks passed; ${quality.failed.join(', ') || 'none'} failed`,
    `last check   ${check ? `${check.at}, ${check.outcome}` : 'unknown'}`,
    `last failure ${failure ? `${failure.at}, ${printable(failure.reason)}` : 'none'}`,
    '',
    `${'operation'.padEnd(52)} type  newest      age    usual`,
    ...operations.map(freshnessLine),
  ].join('\n');
}

/** The age in words. It is negative if the publisher's clock was fast. */
const agoText = (hours: number): string =>
  hours < 0 ? 'in the future: the clock of the publisher was fast' : `${hours} hours ago`;

function freshnessLine(freshness: Freshness): string {
  const { country, operation, assessment_type: type, last, age_days, usual_days, overdue } = freshness;
  const name = fitWidth(printable(`${country} ${operation}`), 52);
  const usual = usual_days === null ? '-' : `${usual_days} d`;
  const late = overdue ? '  overdue' : '';
  const age = `${age_days} d`;
  return `${name} ${fitWidth(printable(type), 5)} ${last}  ${age.padEnd(6)} ${usual.padEnd(6)}${late}`;
}

/** Cuts or pads the text to `length` characters, without cutting a surrogate pair. */
const fitWidth = (text: string, length: number): string => [...text].slice(0, length).join('').padEnd(length);
