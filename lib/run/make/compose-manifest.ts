// Composes the manifest of a release from its claim, units, tables, files, changes and quality.
import type { ClaimedRelease } from '../../catalogue/claim.ts';
import { FORMAT_VERSION } from '../../format/version.ts';
import type { ChangesSummary } from '../../make/changes/summary.ts';
import { withOverallHash } from '../../make/content-hash.ts';
import { releasePage } from '../../make/metadata/citation.ts';
import type { Quality } from '../../make/quality/assess.ts';
import { schemaJson } from '../../make/texts.ts';
import type { FinishedTable } from '../../make/whole-table.ts';
import { sha256 } from '../../release/digest.ts';
import type { Manifest, ManifestFile } from '../../release/manifest.ts';
import { citationOf, creditOf } from '../../release/terms.ts';
import { SCHEMA_VERSION, type TableName, tablesOf } from '../../table/schema.ts';
import type { RunContext } from '../context.ts';
import { declareUnits, requestPeriod } from '../units/coverage.ts';
import type { StagedRun } from './stage-run.ts';

/** The parts of a manifest. `current` is the release that this one supersedes. */
export interface ManifestParts {
  readonly claimed: ClaimedRelease;
  /** All tables, in their order. */
  readonly tables: readonly ({ readonly name: TableName } & Pick<FinishedTable, 'rows' | 'contentSha256'>)[];
  readonly quality: Quality;
  readonly changes: ChangesSummary | null;
  /** Names of the units whose rows are those of the current release. */
  readonly unchangedUnits: ReadonlySet<string>;
  readonly files: readonly ManifestFile[];
  readonly current: Manifest | null;
}

/** Composes the manifest of a release. `files` are those written so far. */
export function composeManifest(
  { terms, publicUrl }: RunContext,
  { plan, reports, units }: StagedRun,
  { claimed, tables, quality, changes, unchangedUnits, files, current }: ManifestParts,
): Manifest {
  const { release } = claimed;
  const requested = requestPeriod(reports);
  const hashes = Object.fromEntries(tables.map(({ name, contentSha256 }) => [name, contentSha256])) as Record<
    TableName,
    string
  >;
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
    content_sha256: withOverallHash(hashes),
    source: { url: plan.source_url, requested_from: requested.from, requested_to: requested.to },
    coverage: {
      units: declareUnits(units, { release, unchangedUnits }, current),
    },
    tables: tables.map(({ name, rows }) => ({
      name,
      rows,
      columns: tablesOf(plan.api_version)[name].columns.map((column) => ({
        name: column.name,
        type: column.type,
        nullable: column.nullable,
      })),
    })),
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
