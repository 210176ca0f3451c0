// Writes the files of one release in a fixed order: a file may name the files before it.
import pMap from 'p-map';
import { type ClaimedRelease, putOnce } from '../../catalogue/claim.ts';
import { readCountryRows } from '../../catalogue/published-rows.ts';
import { changesFiles } from '../../make/changes/change-files.ts';
import { type Difference, findDifferences } from '../../make/changes/differences.ts';
import { type ChangesSummary, summariseChanges } from '../../make/changes/summary.ts';
import { type BuiltFile, countDataFiles, dataFiles, sortForManifest } from '../../make/data-files.ts';
import type { Dataset } from '../../make/dataset.ts';
import { metadataFiles } from '../../make/metadata/metadata-files.ts';
import { assessQuality } from '../../make/quality/assess.ts';
import { checksumsFile, textFiles } from '../../make/texts.ts';
import { countWorkbooks, workbookFiles } from '../../make/workbooks.ts';
import { isSameMajor, type Manifest, type ManifestFile } from '../../release/manifest.ts';
import { footerKeyValues } from '../../release/terms.ts';
import type { WrittenFile } from '../../verify/audit.ts';
import type { RunContext } from '../context.ts';
import { collectFieldCounts } from '../units/coverage.ts';
import { composeManifest, type ManifestParts } from './compose-manifest.ts';
import type { StagedRun } from './stage-run.ts';

/** Files written at once. The store is slower than the code that builds the files. */
const FILES_AT_ONCE = 8;

/** Writes data, workbooks, changes, texts, metadata and checksums. Returns them with the other parts of the manifest. */
export async function writeFiles(
  context: RunContext,
  staged: StagedRun,
  { claimed, current }: { claimed: ClaimedRelease; current: Manifest | null },
): Promise<{ written: readonly WrittenFile[]; parts: Omit<ManifestParts, 'files'> }> {
  const { plan, reports, units, dataset, baseline } = staged;
  const { release, claim } = claimed;
  const expected = countDataFiles(dataset) + countWorkbooks(dataset);
  const { write, written } = createReleaseWriter(context, release, expected);
  const files = () => written.map(({ entry }) => entry);
  const keyValues = footerKeyValues(plan, context.terms.licence);

  // Data files, workbooks and changes.
  await write(dataFiles(dataset, keyValues), sortForManifest);
  await write(workbookFiles(dataset, { identity: plan, terms: context.terms }));
  const changed = await compareWithCurrent(context, { dataset, files: files(), release }, current);
  if (changed) await write(changesFiles(changed, dataset, keyValues));

  // Texts, then metadata, which describe the files before them, then the checksums of all.
  const fields = collectFieldCounts(reports);
  const quality = assessQuality({ dataset, units, fields, baseline, claimedAt: claim.created_at });
  await write(textFiles(plan, context.terms, { release, quality }));
  const { summary = null, differences = [] } = changed ?? {};
  const parts = { claimed, quality, changes: summary, differences, current };
  const manifestSoFar = composeManifest(context, staged, { ...parts, files: files() });
  await write(metadataFiles({ ...manifestSoFar, publicUrl: context.publicUrl, prefix: null }));
  await write([checksumsFile(files())]);
  return { written, parts };
}

/** Creates a writer for a release's folder. `written` lists the files in the order in which they were built. */
function createReleaseWriter(context: RunContext, release: string, dataFiles: number) {
  const written: WrittenFile[] = [];
  let done = 0;
  const writeOne = async ({ entry, body, statistics }: BuiltFile): Promise<WrittenFile> => {
    context.signal?.throwIfAborted();
    await putOnce(context.store, release, { path: entry.path, body });
    done++;
    context.onProgress({ stage: 'write', path: entry.path, done, files: Math.max(done, dataFiles) });
    return { entry, statistics };
  };
  const write = async (
    files: AsyncIterable<BuiltFile> | Iterable<BuiltFile | Promise<BuiltFile>>,
    sort: (files: readonly WrittenFile[]) => readonly WrittenFile[] = (all) => all,
  ): Promise<void> => {
    written.push(...sort(await pMap(files, writeOne, { concurrency: FILES_AT_ONCE })));
  };
  return { write, written };
}

/** Compares with the release that this one supersedes. Null if there is none, or if its schema has another major version. */
async function compareWithCurrent(
  { store }: RunContext,
  { dataset, files, release }: { dataset: Dataset; files: readonly ManifestFile[]; release: string },
  before: Manifest | null,
): Promise<{ summary: ChangesSummary; differences: Difference[] } | null> {
  if (!before || !isSameMajor(before)) return null;
  const differences = await findDifferences(
    { dataset, files },
    { before, readRows: (part) => readCountryRows(store, before, part) },
  );
  const summary = summariseChanges(differences, { release, supersedes: before.release });
  return { summary, differences };
}
