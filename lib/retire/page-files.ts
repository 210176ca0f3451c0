// Old files of the page. They stay for a week, for readers with an older page open. Chart scripts hold figures: after a
// withdrawal they go at once.
import { CHART_SCRIPT, pageFiles } from '../catalogue/page/asset-references.ts';
import { readReleases } from '../catalogue/release-list.ts';
import { ASSETS_FOLDER, PAGE } from '../release/layout.ts';
import type { ReleaseEntry } from '../release/release-list.ts';
import type { ObjectMetadata, Store } from '../store/store.ts';
import { deleteObjects } from './deletion.ts';
import { type Edge, forgetPaths, PICTURE_PATHS } from './edge.ts';

/** Milliseconds for which a file stays after its creation, though the page does not name it. */
const KEEP_UNNAMED = 7 * 24 * 60 * 60 * 1000;

const isPicture = ({ key }: ObjectMetadata): boolean => CHART_SCRIPT.test(key);

/** The files below `assets/` that the page does not name. None without a page, because there is nothing to compare with. */
async function findUnnamedFiles(store: Store): Promise<ObjectMetadata[]> {
  const page = await store.get(PAGE);
  if (!page) return [];
  const named = new Set(pageFiles(page.body));
  return (await store.list(ASSETS_FOLDER)).filter(({ key }) => !named.has(key));
}

/**
 * The files that the page does not name and that may go: those older than a week, and for a week after a withdrawal all
 * chart scripts. A run at the same time as the withdrawal may have written the withdrawn figures once more.
 */
export async function findOldPageFiles(
  store: Store,
  { listed, now }: { listed: readonly ReleaseEntry[]; now: Date },
): Promise<ObjectMetadata[]> {
  const cutoff = now.getTime() - KEEP_UNNAMED;
  const hasWithdrawal = listed.some(({ withdrawn }) => withdrawn && Date.parse(withdrawn.date) > cutoff);
  return (await findUnnamedFiles(store)).filter(
    (file) => file.modified.getTime() < cutoff || (hasWithdrawal && isPicture(file)),
  );
}

/** Deletes all chart scripts that the page does not name. */
export async function deleteUnnamedPictures(store: Store): Promise<void> {
  await deleteObjects(store, (await findUnnamedFiles(store)).filter(isPicture));
}

/** Deletes files of the page, and asks the caches to forget chart scripts. Returns what is left to do, with its reason. */
export async function deletePageFiles(
  store: Store,
  files: readonly ObjectMetadata[],
  edge: Edge | null | undefined,
): Promise<readonly string[]> {
  await deleteObjects(store, files);
  return forgetPaths(edge, files.some(isPicture) ? [PICTURE_PATHS] : []);
}

/** Deletes the old chart scripts, as `prune` does, for a dataset without a retention rule. Returns what is left to do. */
export async function deleteOldPictures(
  store: Store,
  { now, edge }: { now: Date; edge: Edge | null | undefined },
): Promise<readonly string[]> {
  const old = await findOldPageFiles(store, { listed: await readReleases(store), now });
  return deletePageFiles(store, old.filter(isPicture), edge);
}
