// The result of `diff` as one object: what was compared and how, then the changes as in `changes/changes.json`.
import type { CountryChanges } from '../../make/changes/country-changes.ts';
import type { NameChanges } from '../../make/changes/names.ts';
import { type ChangesSummary, summariseChanges } from '../../make/changes/summary.ts';
import type { LevelTable } from '../../table/schema.ts';
import type { ComparedReleases } from './compare-releases.ts';
import type { CountChange } from './counts.ts';
import type { ReleaseSide } from './release-side.ts';

/** One of the two releases. `rebuilt_from` is null if its own data files were read. */
export interface ReportedSide {
  readonly release: string;
  readonly published_at: string;
  readonly status: 'published' | 'withdrawn';
  readonly withdrawn: { readonly reason: string; readonly date: string } | null;
  readonly schema_version: string;
  readonly rebuilt_from: string | null;
  /** The releases whose change logs were used, in order from `rebuilt_from`. */
  readonly change_logs: readonly string[];
}

/** The whole result. `relabelled` is null everywhere if change logs were used, which do not have the labels. */
export interface DiffReport extends NameChanges {
  readonly dataset: string;
  readonly synthetic: boolean;
  readonly from: ReportedSide;
  readonly to: ReportedSide;
  readonly compared: {
    readonly tables: readonly LevelTable[];
    readonly countries: number;
    readonly countries_read: number;
    readonly columns_left_out: readonly string[];
    readonly labels: boolean;
  };
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  readonly relabelled: number | null;
  readonly tables: readonly Labelled<ChangesSummary['tables'][number]>[];
  readonly countries: readonly Labelled<ChangesSummary['countries'][number]>[];
  readonly operations: readonly Labelled<ChangesSummary['operations'][number]>[];
  readonly counts: readonly CountChange[];
}

/** Amounts of which the relabelled rows may not be known. */
type Labelled<T> = Omit<T, 'relabelled'> & { readonly relabelled: number | null };

/** Sums up a comparison. `countries` are those that differ, without their rows. */
export function createDiffReport(
  compared: ComparedReleases,
  tables: readonly LevelTable[],
  { countries, counts }: { countries: readonly CountryChanges[]; counts: readonly CountChange[] },
): DiffReport {
  const { from, to, labelsCompared } = compared;
  const ids = { release: to.manifest.release, supersedes: from.manifest.release };
  const { release: _, supersedes: __, ...summary } = summariseChanges(countries, ids);
  const labelled = <T extends { readonly relabelled: number }>(amounts: T): Labelled<T> =>
    labelsCompared ? amounts : { ...amounts, relabelled: null };
  return {
    dataset: to.manifest.dataset,
    synthetic: to.manifest.synthetic,
    from: reportSide(from),
    to: reportSide(to),
    compared: {
      tables,
      countries: compared.countries,
      countries_read: compared.read,
      columns_left_out: compared.leftOut,
      labels: labelsCompared,
    },
    ...labelled(summary),
    tables: summary.tables.map(labelled),
    countries: summary.countries.map(labelled),
    operations: summary.operations.map(labelled),
    counts,
  };
}

const reportSide = ({ entry, manifest, place }: ReleaseSide): ReportedSide => ({
  release: entry.release,
  published_at: entry.published_at,
  status: entry.status,
  withdrawn: entry.withdrawn ?? null,
  schema_version: manifest.schema_version,
  rebuilt_from: place.steps.length > 0 ? place.base : null,
  change_logs: place.steps.map(({ release }) => release),
});
