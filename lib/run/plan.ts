// First stage: decides which units the run requests. It fetches the two lists of the API and writes the plan once, so a
// resumed run requests the same units of the same dataset.
import { readCurrent, readReleaseManifest } from '../catalogue/pointer.ts';
import { checkPrefixState } from '../catalogue/prefix.ts';
import { readReleases } from '../catalogue/release-list.ts';
import { type ApiVersion, LEVELS, type Level, levelEndpoint } from '../dtm/endpoints.ts';
import { ConfigurationError } from '../environment/configuration.ts';
import { FORMAT_VERSION } from '../format/version.ts';
import type { ListedCountry } from '../make/list-tables.ts';
import { jsonBytes, parseJson } from '../release/digest.ts';
import { planKey } from '../release/layout.ts';
import type { Manifest } from '../release/manifest.ts';
import { datasetName, type Identity, identityDifference } from '../release/terms.ts';
import { type Store, StoreConflictError } from '../store/store.ts';
import type { ListedOperation } from '../table/complete.ts';
import { SCHEMA_VERSION } from '../table/schema.ts';
import type { ApiContext } from './context.ts';
import { fetchLists, type Lists } from './units/lists.ts';
import { type Source, type SourceRecord, sourceDifference } from './units/source.ts';
import type { Unit } from './units/unit.ts';

/** The levels and countries that the run requests. `countries` null means all that the API lists. */
export interface Selection {
  readonly apiVersion: ApiVersion;
  readonly levels: readonly Level[];
  readonly countries: readonly string[] | null;
}

/** A selection from options or an event, before defaults. */
export interface SelectionInput {
  readonly countries?: readonly string[] | null | undefined;
  readonly levels?: readonly Level[] | undefined;
}

export type SelectionDefaults = Pick<Selection, 'apiVersion' | 'countries'>;

/** Fills in the defaults, sorts, and removes duplicates. */
export const createSelection = (
  { countries, levels = LEVELS }: SelectionInput,
  defaults: SelectionDefaults,
): Selection => ({
  apiVersion: defaults.apiVersion,
  levels: [...new Set(levels)].sort(),
  countries: countries ? [...new Set(countries)].sort() : defaults.countries,
});

export interface Plan extends Identity, SourceRecord {
  readonly plan_version: 1;
  readonly run: string;
  /** The ARN of the execution that planned the run. Null on a laptop. */
  readonly execution: string | null;
  readonly created_at: string;
  /** The run whose answers can be reused if their bytes did not change. Null if there is none. */
  readonly known_run?: string | null;
  /** How the program that planned the run reads answers. */
  readonly reading?: string | null;
  readonly levels: readonly Level[];
  readonly countries_asked: readonly string[] | null;
  readonly lists_sha256: { readonly countries: string; readonly operations: string };
  readonly countries: readonly ListedCountry[];
  readonly operations: readonly ListedOperation[];
  /** All levels of all countries of both lists, by country, then level. `raw_bytes` is the size of the unit's last answer. */
  readonly units: readonly (Unit & { readonly asked: boolean; readonly raw_bytes?: number | null })[];
}

/** The units that the run asks for. */
export const askedUnits = (plan: Plan): Unit[] =>
  plan.units.filter(({ asked }) => asked).map(({ level, country }) => ({ level, country }));

/** Reads a run's plan; null if there is none yet. */
export async function readPlan(store: Store, run: string): Promise<Plan | null> {
  const found = await store.get(planKey(run));
  return found ? (parseJson(found.body) as Plan) : null;
}

/** How a run gets its turn. */
export interface Turn {
  /** The ARN of the execution. Null on a laptop. */
  readonly execution: string | null;
  /** Waits for nothing: resolves to what the run asks for, now that it is this run's turn. */
  take(): Promise<Selection>;
}

/**
 * Plans the run, or finds its plan if it is resumed. Before the first request it takes the run's turn.
 * @throws {ConfigurationError} if the prefix holds another dataset, the plan has another selection or source, the API
 * does not list a country, or this machine's clock differs from the server's; {DTMApiError} if a list cannot be
 * fetched; {MixedSourceError} if the lists are from two sources; {DamagedFileError} if the prefix is damaged;
 * {StoreError} if the store does not honour preconditions; what `turn` throws
 */
export async function planRun(context: ApiContext, apiVersion: ApiVersion, turn: Turn): Promise<Plan> {
  const { source } = context;

  // Check that the prefix holds this dataset.
  const { manifest, etag } = await readCurrent(context.store);
  if (etag === null) await checkPrefixState(context.store);
  const prefixIdentity = manifest ?? (await readLastIdentity(context.store));
  const runIdentity = {
    dataset: datasetName(apiVersion),
    api_version: apiVersion,
    visibility: context.terms.visibility,
  };
  // Before the first request, `synthetic` is known for our own simulator only.
  if (prefixIdentity)
    checkIdentity(prefixIdentity, {
      ...runIdentity,
      synthetic: source.synthetic ?? prefixIdentity.synthetic,
    });

  await context.store.checkPreconditions();
  const selection = await turn.take();

  // Resume: the existing plan must have the same selection and source.
  const existing = await readPlan(context.store, context.run);
  if (existing) return checkSelection(existing, selection, source);

  // Fetch the lists and write a new plan.
  const lists = await fetchLists(context);
  const identity = { ...runIdentity, synthetic: lists.synthetic };
  if (prefixIdentity) checkIdentity(prefixIdentity, identity);
  return writePlan(context, {
    plan_version: 1,
    run: context.run,
    execution: turn.execution,
    created_at: context.now().toISOString(),
    known_run: reusableRun(context, manifest),
    reading: context.generator.reading,
    ...identity,
    source_url: source.url,
    levels: selection.levels,
    countries_asked: selection.countries,
    lists_sha256: lists.sha256,
    countries: lists.countries,
    operations: lists.operations,
    units: planUnits(lists, selection, manifest),
  });
}

/**
 * The run whose answers can be reused: the run of the current release, if its answers became rows, and rows became files,
 * as they do now. Null if it is not known.
 */
export function reusableRun(
  { generator }: Pick<ApiContext, 'generator'>,
  current: Manifest | null,
): string | null {
  const isReadAlike =
    generator.reading !== null &&
    current?.generator.reading === generator.reading &&
    current.schema_version === SCHEMA_VERSION &&
    current.format_version === FORMAT_VERSION;
  return isReadAlike ? current.run : null;
}

/** The identity of a prefix without a current release: that of its newest listed release. */
async function readLastIdentity(store: Store): Promise<Identity | null> {
  const [newest] = await readReleases(store);
  return newest ? readReleaseManifest(store, newest.release) : null;
}

function checkIdentity(existing: Identity, proposed: Identity): void {
  const difference = identityDifference(existing, proposed);
  if (difference) throw new ConfigurationError(difference);
}

/** Checks that a resumed run has the selection and source of its plan. @throws {ConfigurationError} */
function checkSelection(plan: Plan, { apiVersion, levels, countries }: Selection, source: Source): Plan {
  const formatList = (list: readonly (string | number)[] | null) => list?.join(',') ?? 'all';
  const pairs = [
    ['--api-version', plan.api_version, apiVersion],
    ['--levels', formatList(plan.levels), formatList(levels)],
    ['--countries', formatList(plan.countries_asked), formatList(countries)],
  ] as const;
  const other = pairs.find(([, planned, now]) => planned !== now);
  if (!other) return checkPlanSource(plan, source);
  const [option, planned, now] = other;
  throw new ConfigurationError(
    `run ${plan.run} was planned with ${option} ${planned}, not ${now}: resume it with the same selection, or start a run of another id`,
  );
}

function checkPlanSource(plan: Plan, { url, apiVersion, synthetic }: Source): Plan {
  const received = {
    source_url: url,
    api_version: apiVersion,
    ...(synthetic !== undefined && { synthetic }),
  };
  const difference = sourceDifference(plan, received);
  if (!difference) return plan;
  throw new ConfigurationError(
    `run ${plan.run} was planned with ${difference}: a run belongs to one source; resume it with the same one (DTMAPI_URL, --sample), or start a run of another id`,
  );
}

function planUnits(lists: Lists, { levels, countries }: Selection, current: Manifest | null): Plan['units'] {
  const countryCodes = new Set(
    [...lists.countries, ...lists.operations].map(({ admin0Pcode }) => admin0Pcode),
  );
  const unknown = countries?.filter((country) => !countryCodes.has(country)) ?? [];
  if (unknown.length > 0)
    throw new ConfigurationError(
      `--countries ${unknown.join(',')}: neither the API's country list nor its operation list has it`,
    );
  const all: Level[] = [0, 1, 2];
  const lastRawBytes = new Map(
    (current?.coverage.units ?? []).map((unit) => [`${unit.level}/${unit.country}`, unit.raw_bytes]),
  );
  return [...countryCodes].sort().flatMap((country) =>
    all.map((level) => ({
      level,
      country,
      asked: levels.includes(level) && (countries === null || countries.includes(country)),
      raw_bytes: lastRawBytes.get(`${level}/${country}`) ?? null,
    })),
  );
}

async function writePlan({ store }: ApiContext, plan: Plan): Promise<Plan> {
  try {
    await store.put(planKey(plan.run), jsonBytes(plan), 'absent');
    return plan;
  } catch (error) {
    if (!(error instanceof StoreConflictError)) throw error;
    // Another process has started the same run: use its plan.
    return (await readPlan(store, plan.run)) as Plan;
  }
}

/** The endpoint of a unit's level. */
export const endpointOf = ({ level }: Unit) => levelEndpoint(level);
