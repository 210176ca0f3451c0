// Values of the current release that several sections show: country names, file addresses, the newest day.
import type { Manifest, ManifestFile } from '../../release/manifest.ts';
import type { CurrentRelease } from './input.ts';
import { href } from './words.ts';

/** Address of a release's folder, relative to the page. */
export const releaseHref = (release: string): string => `releases/${release}/`;

/** Address of a file, relative to the page. */
export const fileHref = (
  { release }: Pick<Manifest, 'release'>,
  { path }: Pick<ManifestFile, 'path'>,
): string => releaseHref(release) + href(path);

/** Country names by code: from the API's country list, else from the newest counts, else the code itself. */
export function countryNames({ manifest, newest, names }: CurrentRelease): Map<string, string> {
  const codes = manifest.coverage.units.map(({ country }) => country);
  const namesOfCounts = (newest ?? []).map(({ country, name }) => [country, name] as const);
  return new Map([...codes.map((code) => [code, code] as const), ...namesOfCounts, ...Object.entries(names)]);
}

/** Countries that have a data file, sorted by name. */
export function countriesWithFiles(current: CurrentRelease): { code: string; name: string }[] {
  const names = countryNames(current);
  const codes = new Set(current.manifest.files.flatMap(({ country }) => country ?? []));
  return [...codes]
    .map((code) => ({ code, name: names.get(code) ?? code }))
    .sort((a, b) => a.name.localeCompare(b.name, 'en') || (a.code < b.code ? -1 : 1));
}

/** The date of the newest count; null if there are no counts. */
export const newestDay = ({ newest }: CurrentRelease): string | null =>
  (newest ?? [])
    .map(({ date }) => date)
    .sort()
    .at(-1) ?? null;
