// Rebuilds the files that are made from the releases: pointer, list, status, feed and page. It never changes a release. If
// a release has a problem, it reports the problem and what to do.
import { jsonBytes, sha256 } from '../../release/digest.ts';
import { FEED, LATEST, MANIFEST, PAGE, RELEASES, releaseKey, STATUS } from '../../release/layout.ts';
import { DamagedFileError, type Manifest, type Pointer, readPointer } from '../../release/manifest.ts';
import type { ReleaseEntry } from '../../release/release-list.ts';
import type { Status } from '../../release/status.ts';
import type { Store } from '../../store/store.ts';
import { feedXml, writeFeed } from '../feed.ts';
import { pageFiles } from '../page/asset-references.ts';
import { readBuiltPage } from '../page/assets.ts';
import { computeSourceHash } from '../page/collect-input.ts';
import { hasSourceHash, writePage } from '../page/write.ts';
import { readReleasesOrEmpty } from '../release-list.ts';
import { readStatus } from '../status.ts';
import { rebuildList, rewriteList } from './rebuild-list.ts';
import { choosePointer, isValidPointer, newestClaimed, type PointerHints } from './rebuild-pointer.ts';
import { type Survey, surveyPrefix } from './survey.ts';

/** A problem of a file. `mend` says what `repair` does about it; null if `repair` cannot solve it. */
export interface Fault {
  readonly file: string;
  readonly what: string;
  readonly mend: string | null;
}

export interface RepairOptions {
  readonly now: Date;
  /** The address of the prefix for readers, used in the feed's links. */
  readonly publicUrl: string | null;
}

/** Result of a diagnosis: the problems, and the pointer that the prefix should have. */
interface Diagnosis {
  readonly faults: readonly Fault[];
  readonly pointer: Pointer | null;
  /** The manifest whose identity is that of the prefix; null if no release can be read. */
  readonly identity: Manifest | null;
}

/** Returns the problems and changes nothing. @throws {StoreError} */
export async function planRepair(store: Store, options: RepairOptions): Promise<readonly Fault[]> {
  return (await diagnose(store, options)).faults;
}

/** Repairs what it can, in the order of a run: pointer, list, feed, page, status. Returns the problems that it found. */
export async function repair(store: Store, options: RepairOptions): Promise<readonly Fault[]> {
  const { faults, pointer, identity } = await diagnose(store, options);
  const isWrong = (file: string): boolean =>
    faults.some((fault) => fault.file === file && fault.mend !== null);
  if (!identity || !faults.some(({ mend }) => mend !== null)) return faults;
  await store.checkPreconditions();
  const { now, publicUrl } = options;
  if (isWrong(LATEST) && pointer) await replace(store, LATEST, jsonBytes(pointer));
  if (isWrong(RELEASES)) await rewriteList(store, { pointer, now });
  await writeFeed(store, { identity, publicUrl });
  // Delete the page first: `writePage` skips a page with the expected source hash, even if its scripts are missing.
  if (isWrong(PAGE)) await store.delete(PAGE);
  await writePage(store, { identity, publicUrl });
  if (isWrong(STATUS)) await replace(store, STATUS, jsonBytes(statusFrom(pointer)));
  return faults;
}

async function replace(store: Store, key: string, body: Uint8Array): Promise<void> {
  const found = await store.get(key);
  await store.put(key, body, found ? { etag: found.etag } : 'absent');
}

const statusFrom = (pointer: Pointer | null): Status => ({
  last_check: null,
  last_change: pointer?.release ? { at: pointer.published_at, release: pointer.release } : null,
  last_failure: null,
});

async function diagnose(store: Store, { now, publicUrl }: RepairOptions): Promise<Diagnosis> {
  // What is stored
  const found = await surveyPrefix(store);
  const listed = await readReleasesOrEmpty(store);
  const status = await readOrDamage(readStatus(store));
  const stored = await readOrDamage(readStoredPointer(store));

  // What the pointer should be
  const target = choosePointer(found, {
    listed,
    lastChanged: status.value?.last_change?.release ?? null,
    now,
  });
  const isValid = stored.value !== null && isValidPointer(stored.value, found);
  const pointer = isValid ? stored.value : target;
  // A partial download has neither pointer nor list. Nothing is built for it.
  const isPublished = pointer !== null || listed.length > 0;
  const identity =
    found.releases.get(pointer?.release ?? '')?.manifest ?? newestClaimed(found)?.manifest ?? null;

  // What is wrong
  const faults = [
    ...releaseFaults(found, listed, pointer),
    ...pointerFaults(stored, { isValid, target }),
    ...(await listFaults(store, { found, listed, pointer, now })),
    ...statusFaults(status, isPublished),
  ];
  const isStale = faults.some(({ file, mend }) => mend !== null && (file === LATEST || file === RELEASES));
  if (identity && isPublished && !isStale)
    faults.push(...(await feedAndPageFaults(store, { identity, publicUrl })));
  return { faults, pointer, identity };
}

/** A value, or the reason why it cannot be read. Both are null if there is no file. */
interface ReadResult<T> {
  readonly value: T | null;
  readonly damage: string | null;
}

async function readOrDamage<T>(promise: Promise<T | null>): Promise<ReadResult<T>> {
  try {
    return { value: await promise, damage: null };
  } catch (error) {
    if (error instanceof DamagedFileError) return { value: null, damage: error.message };
    throw error;
  }
}

async function readStoredPointer(store: Store): Promise<Pointer | null> {
  const found = await store.get(LATEST);
  return found && readPointer(LATEST, found.body);
}

function pointerFaults(
  { value, damage }: ReadResult<Pointer>,
  { isValid, target }: { isValid: boolean; target: Pointer | null },
): Fault[] {
  if (isValid || (value === null && damage === null && target === null)) return [];
  const what =
    damage ??
    (value === null
      ? 'missing, though releases are there'
      : `names release ${value.release}, whose manifest is missing, withdrawn, pruned or another one`);
  const mend = target ? `names release ${target.release}, the newest that is whole` : null;
  return [{ file: LATEST, what, mend: mend ?? null }];
}

/** Problems of releases, which `repair` cannot solve. */
function releaseFaults(
  { releases, unreadable }: Survey,
  listed: readonly ReleaseEntry[],
  pointer: Pointer | null,
): Fault[] {
  const faults: Fault[] = [...unreadable].map(([release, what]) => ({
    file: releaseKey(release, MANIFEST),
    what: `${what}; restore it, or withdraw the release`,
    mend: null,
  }));
  for (const { release, status, expires_at, manifest_sha256 } of listed) {
    const found = releases.get(release);
    const key = releaseKey(release, MANIFEST);
    if (!found && !unreadable.has(release))
      faults.push({ file: key, what: `missing, though ${RELEASES} lists it; restore it`, mend: null });
    if (found && found.manifestSha256 !== manifest_sha256)
      faults.push({
        file: key,
        what: `expected SHA-256 ${manifest_sha256}, found ${found.manifestSha256}; restore it`,
        mend: null,
      });
    const isKept = status === 'published' && expires_at === null && found?.withdrawn === null;
    if (found && isKept && found.missing.length > 0)
      faults.push({
        file: key,
        what: `${found.missing.length} of ${found.manifest.files.length} files are missing or cut (${found.missing[0]}); restore them, or withdraw release ${release}`,
        mend: null,
      });
  }
  const current = releases.get(pointer?.release ?? '');
  const isListed = listed.some(({ release }) => release === current?.release);
  if (current && !isListed && current.missing.length > 0)
    faults.push({
      file: releaseKey(current.release, MANIFEST),
      what: `${current.missing.length} files of the current release are missing or cut; restore them, or withdraw it`,
      mend: null,
    });
  return faults;
}

async function listFaults(
  store: Store,
  {
    found,
    listed,
    pointer,
    now,
  }: { found: Survey; pointer: Pointer | null } & Pick<PointerHints, 'listed' | 'now'>,
): Promise<Fault[]> {
  const expected = rebuildList({ releases: found.releases, listed, pointer, now });
  const file = await store.get(RELEASES);
  if (expected.length === 0 && file === null) return [];
  if (file && Buffer.from(jsonBytes({ releases: expected })).equals(file.body)) return [];
  const listedIds = new Set(listed.map(({ release }) => release));
  const missing = expected.filter(({ release }) => !listedIds.has(release)).map(({ release }) => release);
  const isDamaged = file !== null && listed.length === 0;
  const what =
    file === null
      ? 'missing'
      : isDamaged
        ? 'damaged'
        : missing.length > 0
          ? `lacks ${missing.join(', ')}`
          : 'says otherwise than the releases, or is written otherwise';
  return [{ file: RELEASES, what, mend: `lists ${expected.length} releases` }];
}

function statusFaults({ value, damage }: ReadResult<Status>, isPublished: boolean): Fault[] {
  if (value !== null || !isPublished) return [];
  const mend = 'begins again: the next run records its check';
  return [{ file: STATUS, what: damage ?? 'missing', mend }];
}

/** Differences of feed and page from what is built from the list and the pointer. */
async function feedAndPageFaults(
  store: Store,
  { identity, publicUrl }: { identity: Manifest; publicUrl: string | null },
): Promise<Fault[]> {
  const releases = await readReleasesOrEmpty(store);
  const [feed, page] = [await store.get(FEED), await store.get(PAGE)];
  const expected = feedXml({ identity, publicUrl, releases });
  const faults: Fault[] = [];
  if (!feed || sha256(feed.body) !== sha256(expected))
    faults.push({ file: FEED, what: feed ? 'not what the list makes' : 'missing', mend: 'made again' });
  const pointer = await readStoredPointer(store);
  const current = { etag: null, pointer, manifest: null };
  const sourceHash = computeSourceHash({ identity, current, releases, publicUrl }, await readBuiltPage());
  if (!page || !hasSourceHash(page.body, sourceHash))
    faults.push({
      file: PAGE,
      what: page ? 'not made from what is published' : 'missing',
      mend: 'made again',
    });
  else
    for (const path of pageFiles(page.body))
      if (!(await store.head(path)))
        faults.push({ file: PAGE, what: `${path} is missing, which it loads`, mend: 'made again' });
  return faults;
}
