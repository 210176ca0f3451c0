// Removes the secrets of links from texts.

/** Cuts the part after ? or # off every address in a text: it may hold a token. */
export function hideQueries(text: string): string {
  return text.replace(/[^\s"'<>]+/g, (word) => {
    const start = word.search(/:\\?\/\\?\//);
    const query = start < 0 ? -1 : word.slice(start).search(/[?#]/);
    return query < 0 ? word : `${word.slice(0, start + query)}?[hidden]`;
  });
}

/** Where a link leads, without its path and token. */
export const shownLink = (link: URL): string => `${link.origin}/...`;

/** Removes every part of a link from a text: its path and parameters, encoded or not. */
export function linkRedactor(link: URL): (text: string) => string {
  const parts = [
    ...[link.href, link.search, link.search.slice(1), link.hash, link.pathname],
    ...link.pathname.split('/'),
    ...link.search
      .slice(1)
      .split('&')
      .flatMap((pair) => [pair, pair.slice(pair.indexOf('=') + 1)]),
    ...[...link.searchParams].flat(),
  ];
  const secrets = [
    ...new Set(parts.flatMap((part) => [part, decoded(part), JSON.stringify(part).slice(1, -1)])),
  ]
    // A part of up to three characters protects nothing, and texts without it would be unreadable.
    .filter((part) => part.length > 3)
    .sort((a, b) => b.length - a.length);
  return (text) => secrets.reduce((clean, secret) => clean.replaceAll(secret, '[hidden]'), text);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
