const COUNTRY = /^[A-Za-z]{3}$/;

/** The country of a link's hash, in upper case; null if the hash names none. */
export function countryInHash(hash: string): string | null {
  const code = hash.startsWith('#country=') ? new URLSearchParams(hash.slice(1)).get('country') : null;
  return code !== null && COUNTRY.test(code) ? code.toUpperCase() : null;
}
