// Making one release, in the order that makes it safe: claim, data files, texts, sums, audit, manifest, pointer.
import pMap from 'p-map';
import { FORMAT_VERSION } from '../format/parquet.ts';
import { auditRelease, type WrittenFile } from '../release/audit.ts';
import { type ClaimedRelease, claimRelease, findClaim, putOnce } from '../release/claim.ts';
import { jsonBytes, sha256 } from '../release/digest.ts';
import { countDataFiles, dataFiles, type MadeFile } from '../release/files.ts';
import { MANIFEST } from '../release/layout.ts';
import type { Manifest, ManifestFile } from '../release/manifest.ts';
import { type Current, movePointer, pointerTo } from '../release/pointer.ts';
import { type QualityCheck, qualityChecks } from '../release/quality.ts';
import { citationOf, creditOf, footerKeyValues } from '../release/terms.ts';
import { schemaJson, sumsFile, textFiles } from '../release/texts.ts';
import { SCHEMA_VERSION, TABLES } from '../table/schema.ts';
import type { RunContext } from './context.ts';
import { coverageUnits, fieldCounts, requestedBetween } from './coverage.ts';
import type { StagedRun } from './staged.ts';

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
 * Writes a whole release on top of the current one and moves the pointer; false if another run moved it first.
 * @throws {SpoiltReleaseError} if other bytes lie below its id; {AuditError} if it does not hold what was meant
 */
export async function makeRelease(
  context: RunContext,
  staged: StagedRun,
  { current, spoilt }: { current: Current; spoilt: ReadonlySet<string> },
): Promise<boolean> {
  const claimed = await claim(context, current, spoilt);
  const { written, quality } = await writeFiles(context, staged, claimed);
  const manifest = manifestOf(context, staged, {
    claimed,
    quality,
    files: written.map(({ entry }) => entry),
  });
  context.onProgress({ stage: 'audit', files: written.length });
  await auditRelease(context.store, manifest, written);
  context.signal?.throwIfAborted();
  const body = jsonBytes(manifest);
  await putOnce(context.store, claimed.release, { path: MANIFEST, body });
  return movePointer(context.store, current, pointerTo(manifest, body, context.now()));
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
  { plan, reports, dataset }: StagedRun,
  { release }: ClaimedRelease,
): Promise<{ written: WrittenFile[]; quality: QualityCheck[] }> {
  const quality = qualityChecks(dataset, coverageUnits(plan, reports, release), fieldCounts(reports));
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
  { plan, reports, dataset }: StagedRun,
  { claimed, quality, files }: { claimed: ClaimedRelease; quality: QualityCheck[]; files: ManifestFile[] },
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
    coverage: { units: coverageUnits(plan, reports, release) },
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
