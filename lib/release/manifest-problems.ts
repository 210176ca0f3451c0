// What a manifest from another machine may list: only paths of the layout, each once, with a size and a hash.
import { isReleasePath, MANIFEST, RELEASE_ID } from './layout.ts';
import type { Manifest } from './manifest.ts';

/** More than any path of the layout has: what is shown of a longer one. */
const SHOWN = 120;

/** How many problems are told of one list. */
const TOLD = 20;

/** Why a manifest cannot be that of this release, in words; nothing that it lists may be read while there are any. */
export function findManifestProblems({ release, files }: Manifest, expected: string): string[] {
  const problems =
    release === expected && RELEASE_ID.test(release)
      ? []
      : [`${MANIFEST}: expected release ${expected}, it says ${shown(release)}`];
  const seen = new Set<string>();
  for (const { path, bytes, sha256 } of files) {
    if (!isReleasePath(path))
      problems.push(`${MANIFEST}: lists ${shown(path)}, which is no path of a release`);
    else if (seen.has(path)) problems.push(`${MANIFEST}: lists ${path} twice`);
    else if (!Number.isSafeInteger(bytes) || bytes < 1)
      problems.push(`${MANIFEST}: lists ${path} with ${bytes} bytes`);
    else if (!/^[0-9a-f]{64}$/.test(sha256))
      problems.push(`${MANIFEST}: lists ${path} with the SHA-256 ${shown(sha256)}`);
    seen.add(path);
  }
  const omitted = problems.length - TOLD;
  return omitted > 0
    ? [...problems.slice(0, TOLD), `${MANIFEST}: lists ${omitted} more that are wrong`]
    : problems;
}

/** Anybody's text, short enough for a line. */
export const shown = (text: string): string =>
  JSON.stringify(text.length > SHOWN ? `${text.slice(0, SHOWN)}...` : text);
