// Checks a manifest from another machine before its files are read. It may list only paths of the layout, each once,
// with a size and a hash.
import { isReleasePath, MANIFEST, RELEASE_ID } from './layout.ts';
import type { Manifest } from './manifest.ts';

/** Longer texts are truncated in a message. No path of the layout is longer. */
const MAX_SHOWN_CHARACTERS = 120;

/** Problems of one manifest that are listed; the others are only counted. */
const MAX_SHOWN_PROBLEMS = 20;

/** Problems of a manifest that should be that of release `expected`. Read its files only if there are none. */
export function findManifestProblems({ release, files }: Manifest, expected: string): string[] {
  const problems =
    release === expected && RELEASE_ID.test(release)
      ? []
      : [`${MANIFEST}: expected release ${expected}, it says ${quoteTruncated(release)}`];
  const seen = new Set<string>();
  for (const { path, bytes, sha256 } of files) {
    if (!isReleasePath(path))
      problems.push(`${MANIFEST}: lists ${quoteTruncated(path)}, which is no path of a release`);
    else if (seen.has(path)) problems.push(`${MANIFEST}: lists ${path} twice`);
    else if (!Number.isSafeInteger(bytes) || bytes < 1)
      problems.push(`${MANIFEST}: lists ${path} with ${bytes} bytes`);
    else if (!/^[0-9a-f]{64}$/.test(sha256))
      problems.push(`${MANIFEST}: lists ${path} with the SHA-256 ${quoteTruncated(sha256)}`);
    seen.add(path);
  }
  const omitted = problems.length - MAX_SHOWN_PROBLEMS;
  return omitted > 0
    ? [...problems.slice(0, MAX_SHOWN_PROBLEMS), `${MANIFEST}: lists ${omitted} more that are wrong`]
    : problems;
}

/** Quotes a text from outside, short enough for one line. */
export const quoteTruncated = (text: string): string =>
  JSON.stringify(text.length > MAX_SHOWN_CHARACTERS ? `${text.slice(0, MAX_SHOWN_CHARACTERS)}...` : text);
