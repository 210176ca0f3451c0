// A dataset of several releases, each with revisions of the world before.
import { folderStore } from '../../../lib/store/folder/folder-store.ts';
import type { Store } from '../../../lib/store/store.ts';
import { type ExportSetting, exportInto, simulator, temporaryFolder } from '../../setting.ts';

type Test = Parameters<typeof temporaryFolder>[0];

export interface Revisions {
  readonly folder: string;
  readonly store: Store;
  /** Oldest first. */
  readonly releases: readonly string[];
}

/** Publishes one release for each list of faults, a day apart from 2026-11-20 on. */
export async function publishRevisions(
  t: Test,
  worlds: readonly (readonly string[])[],
  setting: Partial<ExportSetting> = {},
): Promise<Revisions> {
  const world = await simulator(t);
  const folder = await temporaryFolder(t);
  const releases: string[] = [];
  for (const [at, faults] of worlds.entries()) {
    world.setFaults([...faults]);
    const day = `2026-11-${20 + at}`;
    const now = (): Date => new Date(`${day}T05:10:00Z`);
    const { release, outcome, reason } = await exportInto({
      ...{ folder, url: world.url, run: `${day}T05-00-00Z` },
      ...setting,
      options: { acceptDrop: true, reissue: true, ...setting.options },
      context: { now, ...setting.context },
    });
    if (outcome !== 'published' || !release) throw new Error(`${day}: ${outcome}, ${reason}`);
    releases.push(release);
  }
  return { folder, store: folderStore(folder), releases };
}
