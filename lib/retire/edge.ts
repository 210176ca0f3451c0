// The shared caches in front of a public dataset, such as CloudFront. What was deleted from the bucket stays in them until
// they are asked to forget it, or for the day that the objects' headers allow.
import { ASSETS_FOLDER, RELEASES_FOLDER, releaseFolder } from '../release/layout.ts';

/** Shared caches that can be emptied. */
export interface Edge {
  /**
   * Resolves when the service has accepted the order, which takes it minutes. Each path begins with `/`; a `*` at its end
   * stands for any rest.
   * @throws {EdgeError} if the service may not have accepted it
   */
  forget(paths: readonly string[]): Promise<void>;
}

/** The caches could not be asked. What was deleted stays deleted, and the caches drop it within a day. */
export class EdgeError extends Error {
  override readonly name = 'EdgeError';
}

/** The chart scripts of the page, which hold figures. */
export const PICTURE_PATHS = `/${ASSETS_FOLDER}picture-*`;

/** CloudFront: 15 paths with a `*` may be in progress at once. */
const MAX_RELEASE_PATHS = 10;

/** The paths of these releases; one path for all releases if there are many. */
export const releasePaths = (releases: readonly string[]): string[] =>
  releases.length > MAX_RELEASE_PATHS
    ? [`/${RELEASES_FOLDER}*`]
    : releases.map((release) => `/${releaseFolder(release)}*`);

/** Asks the caches to forget the paths. Returns what is left to do: nothing, or one sentence with the reason. */
export async function forgetPaths(
  edge: Edge | null | undefined,
  paths: readonly string[],
): Promise<readonly string[]> {
  if (!edge || paths.length === 0) return [];
  try {
    await edge.forget(paths);
    return [];
  } catch (error) {
    if (!(error instanceof EdgeError)) throw error;
    return [`caches: ${error.message}`];
  }
}
