// Composes the manifest of a release from its claim, units, tables, files, changes and quality.
import type { ClaimedRelease } from '../../catalogue/claim.ts';
import { FORMAT_VERSION } from '../../format/version.ts';
import { type Difference, isUnchanged } from '../../make/changes/differences.ts';
import type { ChangesSummary } from '../../make/changes/summary.ts';
import { releasePage } from '../../make/metadata/citation.ts';
import type { Quality } from '../../make/quality/assess.ts';
import { schemaJson } from '../../make/texts.ts';
import { sha256 } from '../../release/digest.ts';
import { countryParquet } from '../../release/layout.ts';
import type { Manifest, ManifestFile } from '../../release/manifest.ts';
import { citationOf, creditOf } from '../../release/terms.ts';
import { SCHEMA_VERSION, TABLES } from '../../table/schema.ts';
import type { RunContext } from '../context.ts';
import { declareUnits, requestPeriod } from '../units/coverage.ts';
import { tableOf, type Unit } from '../units/unit.ts';
import type { StagedRun } from './stage-run.ts';

/** The parts of a manifest. `current` is the release that this one supersedes. */
export interface ManifestParts {
  readonly claimed: ClaimedRelease;
  readonly quality: Quality;
  readonly changes: ChangesSummary | null;
  /** For the countries whose files differ from those of the current release. */
  readonly differences: readonly Difference[];
  readonly files: readonly ManifestFile[];
  readonly current: Manifest | null;
}

/** Composes the manifest of a release. `files` are those written so far. */
export function composeManifest(
  { terms, publicUrl }: RunContext,
  { plan, reports, units, dataset }: StagedRun,
  { claimed, quality, changes, differences, files, current }: ManifestParts,
): Manifest {
  const { release } = claimed;
  const requested = requestPeriod(reports);
  const failed = quality.checks.filter(({ verdict }) => verdict === 'fail').map(({ name }) => name);
  return {
    manifest_version: 1,
    dataset: plan.dataset,
    api_version: plan.api_version,
    synthetic: plan.synthetic,
    visibility: plan.visibility,
    release,
    status: 'complete',
    ...claimed.claim,
    schema_version: SCHEMA_VERSION,
    schema_sha256: sha256(schemaJson(plan)),
    format_version: FORMAT_VERSION,
    content_sha256: { ...dataset.contentSha256 },
    source: { url: plan.source_url, requested_from: requested.from, requested_to: requested.to },
    coverage: {
      units: declareUnits(
        units,
        { release, areRowsUnchanged: createRowsUnchanged({ files, differences }, current) },
        current,
      ),
    },
    tables: TABLES.map((name) => {
      const { schema, columns } = dataset.tables[name];
      return {
        name,
        rows: columns.length,
        columns: schema.columns.map((column) => ({
          name: column.name,
          type: column.type,
          nullable: column.nullable,
        })),
      };
    }),
    files: [...files],
    changes: changes && toChangeCounts(changes),
    quality: { passed: quality.checks.length - failed.length, failed },
    licence: terms.licence,
    credit: creditOf(plan.synthetic),
    citation: citationOf(plan, release, publicUrl && releasePage(publicUrl, release)),
    contact: terms.contact,
  };
}

/** The changes as the manifest gives them: row counts of all level tables together, and their countries. */
const toChangeCounts = ({ added, removed, changed, relabelled, countries }: ChangesSummary) => ({
  added,
  removed,
  changed,
  relabelled,
  countries: [...new Set(countries.map(({ country }) => country))],
});

/** Tells if a unit has the same rows as in the current release: the file has the same bytes, or only its format differs. */
function createRowsUnchanged(
  { files, differences }: Pick<ManifestParts, 'files' | 'differences'>,
  current: Manifest | null,
): (unit: Unit) => boolean {
  const hashes = (list: readonly ManifestFile[]) => new Map(list.map(({ path, sha256 }) => [path, sha256]));
  const [now, before] = [hashes(files), hashes(current?.files ?? [])];
  return (unit) => {
    const path = countryParquet(tableOf(unit), unit.country);
    if (!before.has(path)) return false;
    if (before.get(path) === now.get(path)) return true;
    const difference = differences.find(
      ({ table, country }) => table === tableOf(unit) && country === unit.country,
    );
    return difference !== undefined && isUnchanged(difference);
  };
}
