// What several sections say of the current release: names of countries, and which files there are.
import type { Manifest, ManifestFile } from '../../release/manifest.ts';
import type { CurrentRelease } from './input.ts';
import { href } from './words.ts';

/** Where a release's files lie, relative to the page. */
export const releaseHref = (release: string): string => `releases/${release}/`;

/** A file's address relative to the page. */
export const fileHref = (
  { release }: Pick<Manifest, 'release'>,
  { path }: Pick<ManifestFile, 'path'>,
): string => releaseHref(release) + href(path);

/** Names of countries by code, as listed or else as the newest counts have them; of one that has none, its code. */
export function countryNames({ manifest, newest, names }: CurrentRelease): Map<string, string> {
  const codes = manifest.coverage.units.map(({ country }) => country);
  const named = (newest ?? []).map(({ country, name }) => [country, name] as const);
  return new Map([...codes.map((code) => [code, code] as const), ...named, ...Object.entries(names)]);
}

/** Countries that have a data file, by name. */
export function countriesWithFiles(current: CurrentRelease): { code: string; name: string }[] {
  const names = countryNames(current);
  const codes = new Set(current.manifest.files.flatMap(({ country }) => country ?? []));
  return [...codes]
    .map((code) => ({ code, name: names.get(code) ?? code }))
    .sort((a, b) => a.name.localeCompare(b.name, 'en') || (a.code < b.code ? -1 : 1));
}

/** The newest day that any count refers to; null where there is none. */
export const newestDay = ({ newest }: CurrentRelease): string | null =>
  (newest ?? [])
    .map(({ date }) => date)
    .sort()
    .at(-1) ?? null;
