// A dataset: which releases there are, and how to get at one. A manifest is believed only if it has the SHA-256 that pointer
// or list say.
import { type ListedRelease, readManifest, readPointer, readReleases } from './documents.ts';
import { DatasetError, damaged, listNames } from './errors.ts';
import { createRelease, type Release } from './release.ts';
import type { ApiVersion } from './row-types.ts';
import { checkSha256 } from './sha256.ts';
import { getWhole, type Source } from './source.ts';
import { checkWebOptions, type WebOptions } from './web/options.ts';
import { webSource } from './web/source.ts';

export interface DatasetOptions<V extends ApiVersion = 'v3'> extends WebOptions {
  /** The version of the DTM API from which the dataset was made; the types of rows follow it. @default 'v3' */
  readonly apiVersion?: V | undefined;
  /** Aborts all that this dataset does. @default none */
  readonly signal?: AbortSignal | undefined;
}

/** A release in the list. Only an `available` one can be read. */
export interface ReleaseSummary extends ListedRelease {
  readonly state: 'available' | 'expired' | 'withdrawn';
}

/** A published dataset. */
export interface Dataset<V extends ApiVersion = 'v3'> {
  /** Every release, newest first. @throws {DatasetError} */
  releases(): Promise<readonly ReleaseSummary[]>;
  /** The current release. Keep it for the whole of your work: another call may give a newer one. @throws {DatasetError} */
  current(): Promise<Release<V>>;
  /** A release by its id. @throws {DatasetError} `no-release`, `withdrawn`, `expired` and others */
  release(id: string): Promise<Release<V>>;
}

/** Files of JSON may be this long. */
const MAX_JSON_BYTES = 1 << 26;

const LATEST = 'latest.json';
const RELEASES = 'releases.json';
const OPTIONS = ['fetch', 'headers', 'maxRetries', 'retryDelay', 'timeout', 'apiVersion', 'signal'];

interface Context {
  readonly source: Source;
  readonly apiVersion: ApiVersion;
  readonly signal: AbortSignal | undefined;
}

/**
 * Opens a dataset at an http(s) address, or behind a source of your own. Nothing is asked for yet.
 * @throws {DatasetError} `usage` if the address or an option is wrong
 */
export function openDataset<V extends ApiVersion = 'v3'>(
  from: string | URL | Source,
  options: DatasetOptions<V> = {},
): Dataset<V> {
  checkOptions(options);
  const isSource = typeof from === 'object' && 'get' in from;
  const context: Context = {
    source: isSource ? from : webSource(checkWebOptions(from, options)),
    apiVersion: options.apiVersion ?? 'v3',
    signal: options.signal,
  };
  return {
    releases: () => listReleases(context),
    current: () => openCurrent(context),
    release: (id) => openListed(context, id),
  };
}

function checkOptions(options: DatasetOptions<ApiVersion>): void {
  const unknown = Object.keys(options).find((name) => !OPTIONS.includes(name));
  if (unknown !== undefined)
    throw new DatasetError('usage', `${unknown}: expected one of the options ${OPTIONS.join(', ')}`);
  const { apiVersion = 'v3' } = options;
  if (apiVersion !== 'v3' && apiVersion !== 'v2')
    throw new DatasetError('usage', `apiVersion: expected v3 or v2, got ${JSON.stringify(apiVersion)}`);
}

const getJson = ({ source, signal }: Context, path: string): Promise<Uint8Array | null> =>
  getWhole(source, path, { maxBytes: MAX_JSON_BYTES, signal });

const nothingPublished = (path: string): DatasetError =>
  new DatasetError(
    'none-published',
    `there is no ${path}: no dataset is here, or nothing was published yet`,
    { path },
  );

async function listReleases(context: Context): Promise<ReleaseSummary[]> {
  const bytes = await getJson(context, RELEASES);
  if (bytes === null) throw nothingPublished(RELEASES);
  return readReleases(RELEASES, bytes).map((entry) => ({ ...entry, state: stateOf(entry) }));
}

function stateOf({ status, expires_at }: ListedRelease): ReleaseSummary['state'] {
  if (status === 'withdrawn') return 'withdrawn';
  return expires_at !== null && Date.parse(expires_at) <= Date.now() ? 'expired' : 'available';
}

async function openCurrent<V extends ApiVersion>(context: Context): Promise<Release<V>> {
  const bytes = await getJson(context, LATEST);
  if (bytes === null) throw nothingPublished(LATEST);
  const { release, manifest_sha256 } = readPointer(LATEST, bytes);
  if (release === null)
    throw new DatasetError(
      'none-published',
      `${LATEST}: nothing is published now, the only release was withdrawn`,
      {
        path: LATEST,
      },
    );
  if (manifest_sha256 === null) throw damaged(LATEST, 'it has a release, but no SHA-256 of its manifest');
  return openRelease(context, { release, manifest_sha256 });
}

async function openListed<V extends ApiVersion>(context: Context, id: string): Promise<Release<V>> {
  const listed = await listReleases(context);
  const entry = listed.find(({ release }) => release === id);
  if (!entry) {
    const available = listed.filter(({ state }) => state === 'available').map(({ release }) => release);
    throw new DatasetError(
      'no-release',
      `there is no release ${JSON.stringify(id)}; there is ${listNames(available)}`,
      { available },
    );
  }
  throwIfGone(entry);
  return openRelease(context, entry);
}

/** @throws {DatasetError} `withdrawn` or `expired` if the data files of a release are gone */
function throwIfGone({ release, state, withdrawn, expires_at }: ReleaseSummary, cause?: unknown): void {
  if (state === 'withdrawn') {
    const { reason, date } = withdrawn ?? { reason: 'no reason is given', date: undefined };
    const details = { release, reason, cause, ...(date === undefined ? {} : { date }) };
    throw new DatasetError(
      'withdrawn',
      `release ${release} was withdrawn${date ? ` on ${date}` : ''}: ${reason}`,
      details,
    );
  }
  if (state === 'expired' && expires_at !== null)
    throw new DatasetError(
      'expired',
      `release ${release} was kept until ${expires_at}: its data files are gone`,
      {
        ...{ release, date: expires_at, cause },
      },
    );
}

async function openRelease<V extends ApiVersion>(
  context: Context,
  { release, manifest_sha256 }: Pick<ListedRelease, 'release' | 'manifest_sha256'>,
): Promise<Release<V>> {
  const path = `releases/${release}/manifest.json`;
  const bytes = await getJson(context, path);
  if (bytes === null)
    throw new DatasetError(
      'damaged',
      `${path} is listed, but not there; if the release is new, a cache on the way may not have it yet`,
      { path, release, status: 404 },
    );
  await checkSha256(path, bytes, manifest_sha256);
  const manifest = readManifest(path, bytes);
  if (manifest.release !== release) throw damaged(path, `it is of the release ${manifest.release}`);
  if (manifest.api_version !== context.apiVersion)
    throw new DatasetError(
      'other-version',
      `the dataset is made from API ${manifest.api_version}, with other columns; open it with { apiVersion: '${manifest.api_version}' }`,
      { release },
    );
  const explain = (id: string, error: unknown): Promise<never> => explainMissing(context, id, error);
  return createRelease<V>({ source: context.source, manifest, signal: context.signal, explain });
}

/** Missing and forbidden files may be those of a release that was withdrawn, or has expired, since it was opened. */
async function explainMissing(context: Context, release: string, error: unknown): Promise<never> {
  if (!(error instanceof DatasetError) || (error.status !== 404 && error.status !== 403)) throw error;
  const listed = await listReleases(context).catch(() => []);
  const entry = listed.find((each) => each.release === release);
  if (entry) throwIfGone(entry, error);
  throw error;
}
