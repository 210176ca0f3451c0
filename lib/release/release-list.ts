// `releases.json`: every release that was ever published, newest first.
import { array, enums, type Infer, integer, nullable, optional, record, string, type } from 'superstruct';
import { RELEASES } from './layout.ts';
import { changeCounts, type Manifest, type Pointer, parseStruct, type UnitStatus } from './manifest.ts';

const releases = type({
  releases: array(
    type({
      release: string(),
      status: enums(['published', 'withdrawn']),
      manifest: string(),
      manifest_sha256: string(),
      published_at: string(),
      supersedes: nullable(string()),
      schema_version: string(),
      rows: record(string(), integer()),
      changes: nullable(changeCounts),
      expires_at: nullable(string()),
      withdrawn: optional(nullable(type({ reason: string(), date: string() }))),
      announced_at: nullable(string()),
      gaps: optional(
        nullable(type({ carried: integer(), failed: integer(), oldest_answer: nullable(string()) })),
      ),
    }),
  ),
});
export type Releases = Infer<typeof releases>;

/**
 * The list's entry of a published release. `expires_at`: the time at which its data files expire (`prune` deletes them
 * then or soon after); null while the retention rule keeps them. `withdrawn`: why the release was withdrawn; missing if
 * it was not. `gaps`: numbers of units without an answer, and the oldest answer among the carried ones; null if every
 * unit has an answer.
 */
export type ReleaseEntry = Releases['releases'][number];

/** The list's entry for the release that the pointer names. */
export const entryOf = (manifest: Manifest, pointer: Pointer): ReleaseEntry => ({
  release: manifest.release,
  status: 'published',
  manifest: pointer.manifest as string,
  manifest_sha256: pointer.manifest_sha256 as string,
  published_at: pointer.published_at,
  supersedes: manifest.supersedes,
  schema_version: manifest.schema_version,
  rows: pointer.rows,
  changes: manifest.changes,
  expires_at: null,
  announced_at: null,
  gaps: gapsOf(manifest),
});

function gapsOf({ coverage }: Manifest): ReleaseEntry['gaps'] {
  const unitsWith = (expected: UnitStatus) => coverage.units.filter(({ status }) => status === expected);
  const [carried, failed] = [unitsWith('carried'), unitsWith('failed')];
  if (carried.length + failed.length === 0) return null;
  const [oldest = null] = carried.flatMap(({ fetched_at }) => fetched_at ?? []).sort();
  return { carried: carried.length, failed: failed.length, oldest_answer: oldest };
}

/** True if the time at which a release expires has come. */
export const hasExpired = (expiresAt: string | null, now: Date): boolean =>
  expiresAt !== null && Date.parse(expiresAt) <= now.getTime();

/** True if the change log of a release is there. `prune` keeps it, `withdraw` deletes it; a first release has none. */
export const hasChangeLog = ({ status, changes, supersedes }: ReleaseEntry): boolean =>
  status === 'published' && changes !== null && supersedes !== null;

/** The entries of a `releases.json`. @throws {DamagedFileError} */
export const readReleaseList = (bytes: Uint8Array): Releases => parseStruct(RELEASES, bytes, releases);
