// Making one release, in the order that makes it safe: claim, data files, texts, sums, audit, manifest, pointer.
import pMap from 'p-map';
import { FORMAT_VERSION } from '../format/parquet.ts';
import { auditRelease, type WrittenFile } from '../release/audit.ts';
import {
  type ClaimedRelease,
  claimRelease,
  findClaim,
  putOnce,
  SpoiltReleaseError,
} from '../release/claim.ts';
import { jsonBytes, sha256 } from '../release/digest.ts';
import { countDataFiles, dataFiles, type MadeFile } from '../release/files.ts';
import { countryParquet, MANIFEST } from '../release/layout.ts';
import type { Manifest, ManifestFile } from '../release/manifest.ts';
import { type Current, movePointer, pointerTo } from '../release/pointer.ts';
import { type QualityCheck, qualityChecks } from '../release/quality.ts';
import { citationOf, creditOf, footerKeyValues } from '../release/terms.ts';
import { schemaJson, sumsFile, textFiles } from '../release/texts.ts';
import { SCHEMA_VERSION, TABLES } from '../table/schema.ts';
import type { RunContext } from './context.ts';
import { declareUnits, fieldCounts, requestedBetween } from './coverage.ts';
import type { StagedRun } from './staged.ts';
import { tableOf, type Unit } from './unit.ts';

/** Files being written at once: a store answers slower than files are made. */
const FILES_AT_ONCE = 8;

/** Nothing that a release says differs: its content, how it is written, and the terms on which it is given. */
export function isUnchanged(
  { terms }: RunContext,
  { plan, dataset }: StagedRun,
  current: Manifest | null,
): boolean {
  if (!current) return false;
  const pairs = [
    ...[...TABLES, 'all' as const].map((table) => [
      current.content_sha256[table],
      dataset.contentSha256[table],
    ]),
    [current.schema_sha256, sha256(schemaJson(plan))],
    [current.format_version, FORMAT_VERSION],
    [current.licence, terms.licence],
    [current.credit, creditOf(plan.synthetic)],
    [current.contact, terms.contact],
  ];
  return pairs.every(([before, now]) => before === now);
}

/**
 * Writes a whole release on top of the current one and moves the pointer. Null if another run moved it first, or if
 * other bytes lie below the claimed id, which then is among the spoilt.
 * @throws {AuditError} if the release does not hold what was meant
 */
export async function makeRelease(
  context: RunContext,
  staged: StagedRun,
  { current, spoilt }: { current: Current; spoilt: Set<string> },
): Promise<Manifest | null> {
  const claimed = await claim(context, current, spoilt);
  try {
    const manifest = await writeRelease(context, staged, { claimed, current });
    const pointer = pointerTo(manifest, jsonBytes(manifest), context.now());
    return (await movePointer(context.store, current, pointer)) ? manifest : null;
  } catch (error) {
    if (!(error instanceof SpoiltReleaseError)) throw error;
    spoilt.add(claimed.release);
    return null;
  }
}

/** All that lies below the release's folder, in the order in which it may be seen: the manifest last. */
async function writeRelease(
  context: RunContext,
  staged: StagedRun,
  { claimed, current }: { claimed: ClaimedRelease; current: Current },
): Promise<Manifest> {
  const { written, quality } = await writeFiles(context, staged, claimed);
  const files = written.map(({ entry }) => entry);
  const manifest = manifestOf(context, staged, { claimed, quality, files, current: current.manifest });
  context.onProgress({ stage: 'audit', files: written.length });
  await auditRelease(context.store, manifest, written);
  context.signal?.throwIfAborted();
  await putOnce(context.store, claimed.release, { path: MANIFEST, body: jsonBytes(manifest) });
  return manifest;
}

/** The run's own claim if it is resumed, else the next free one. */
async function claim(
  { store, run, now, generator }: RunContext,
  { pointer }: Current,
  spoilt: ReadonlySet<string>,
): Promise<ClaimedRelease> {
  const supersedes = pointer?.release ?? null;
  const own = await findClaim(store, { run, supersedes }, spoilt);
  return own ?? claimRelease(store, { run, created_at: now().toISOString(), supersedes, generator });
}

async function writeFiles(
  context: RunContext,
  { plan, reports, units, dataset }: StagedRun,
  { release }: ClaimedRelease,
): Promise<{ written: WrittenFile[]; quality: QualityCheck[] }> {
  const quality = qualityChecks(dataset, units, fieldCounts(reports));
  const texts = textFiles(plan, context.terms, { release, quality });
  const files = countDataFiles(dataset) + texts.length + 1;
  let done = 0;
  const write = async ({ entry, body, facts }: MadeFile): Promise<WrittenFile> => {
    context.signal?.throwIfAborted();
    await putOnce(context.store, release, { path: entry.path, body });
    done++;
    context.onProgress({ stage: 'write', path: entry.path, done, files });
    return { entry, facts };
  };
  const data = dataFiles(dataset, footerKeyValues(plan, context.terms.licence));
  const written = await pMap(data, write, { concurrency: FILES_AT_ONCE });
  for (const file of texts) written.push(await write(file));
  written.push(await write(sumsFile(written.map(({ entry }) => entry))));
  return { written, quality };
}

function manifestOf(
  { terms }: RunContext,
  { plan, reports, units, dataset }: StagedRun,
  {
    claimed,
    quality,
    files,
    current,
  }: {
    claimed: ClaimedRelease;
    quality: QualityCheck[];
    files: ManifestFile[];
    current: Manifest | null;
  },
): Manifest {
  const { release } = claimed;
  const requested = requestedBetween(reports);
  const failed = quality.filter(({ verdict }) => verdict === 'fail').map(({ name }) => name);
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
    coverage: { units: declareUnits(units, { release, isSame: sameFiles(files, current) }, current) },
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
    files,
    changes: null,
    quality: { passed: quality.length - failed.length, failed },
    licence: terms.licence,
    credit: creditOf(plan.synthetic),
    citation: citationOf(plan, release),
    contact: terms.contact,
  };
}

/** Whether a unit's rows lie in the current release byte for byte as in this one. */
function sameFiles(files: readonly ManifestFile[], current: Manifest | null): (unit: Unit) => boolean {
  const hashes = (list: readonly ManifestFile[]) => new Map(list.map(({ path, sha256 }) => [path, sha256]));
  const [now, before] = [hashes(files), hashes(current?.files ?? [])];
  return (unit) => {
    const path = countryParquet(tableOf(unit), unit.country);
    return before.has(path) && before.get(path) === now.get(path);
  };
}
