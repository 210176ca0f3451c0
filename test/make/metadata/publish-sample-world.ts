// Publishes releases of sample worlds with all metadata files, for tests of these files.
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import type { ApiVersion } from '../../../lib/dtm/endpoints.ts';
import type { MetadataInput } from '../../../lib/make/metadata/describe.ts';
import { METADATA, metadataFiles } from '../../../lib/make/metadata/metadata-files.ts';
import { releaseFolder } from '../../../lib/release/layout.ts';
import { type Manifest, readManifest } from '../../../lib/release/manifest.ts';
import { exportInto, simulator, THREE_COUNTRIES, temporaryFolder } from '../../setting.ts';

export interface World {
  readonly name: string;
  readonly version: ApiVersion;
  readonly scale?: number;
  readonly levels?: readonly (0 | 1 | 2)[];
  readonly countries?: readonly string[] | null;
}

/** HTI has a round 0, and SYR has no areas of level 2. FJI and MNG are in the country list, but have no rows. */
export const WORLDS: readonly World[] = [
  { name: 'v3', version: 'v3', countries: [...THREE_COUNTRIES, 'HTI', 'SYR'] },
  { name: 'v2', version: 'v2' },
  { name: 'one level, two tables empty', version: 'v3', levels: [0] },
  { name: 'no rows at all', version: 'v3', countries: ['FJI', 'MNG'] },
];

export interface Made {
  /** The prefix's folder, and the release's. */
  readonly prefix: string;
  readonly folder: string;
  readonly manifest: Manifest;
  readonly described: MetadataInput;
}

/** Exports a world, and adds to its release the metadata files that it lacks, as built without a public URL. */
export async function madeRelease(t: TestContext, world: World, into?: string): Promise<Made> {
  const { version, scale = 0.02, levels = [0, 1, 2], countries = THREE_COUNTRIES } = world;
  const prefix = into ?? (await temporaryFolder(t));
  const { url } = await simulator(t, { scale });
  const { manifest: path, reason } = await exportInto({
    folder: prefix,
    url,
    version,
    options: { selection: { apiVersion: version, levels, countries } },
  });
  if (path === null) throw new Error(reason ?? 'not published');
  const manifest = readManifest(path, await readFile(join(prefix, path)));
  const files = manifest.files.filter((file) => !METADATA.some((name) => name === file.path));
  const described = { ...manifest, files, publicUrl: null, prefix: null };
  const folder = join(prefix, releaseFolder(manifest.release));
  for (const { entry, body } of metadataFiles(described)) {
    const file = join(folder, entry.path);
    if (existsSync(file)) continue;
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, body);
  }
  return { prefix, folder, manifest, described };
}
