// `feed.xml`: Atom (RFC 4287), one entry for each release, newest first. It is built from `releases.json` alone, so it can
// be rebuilt at any time. Ids come from the hashes of the manifests, so they stay if the dataset moves.
import { sha256 } from '../release/digest.ts';
import { FEED, PAGE, releaseAnchor } from '../release/layout.ts';
import type { ReleaseEntry } from '../release/release-list.ts';
import { creditOf, type Identity } from '../release/terms.ts';
import type { Store } from '../store/store.ts';
import { compareAndSwap } from './compare-and-swap.ts';
import { readReleases } from './release-list.ts';

/** Input of the feed. `publicUrl` is the address of the prefix for readers; if it is null, links are relative. */
export interface FeedInput {
  readonly identity: Pick<Identity, 'dataset' | 'synthetic'>;
  readonly publicUrl: string | null;
  /** Newest first, at least one. */
  readonly releases: readonly ReleaseEntry[];
}

/** XML 1.0: characters that a document must not hold, not even escaped. */
const FORBIDDEN = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

/** Escapes a text for XML text and attribute values. A forbidden character becomes U+FFFD, which readers see. */
const escapeXml = (text: string): string =>
  text.replaceAll(FORBIDDEN, '\ufffd').replaceAll(/[&<>"\t\n\r]/g, (char) => ENTITIES[char] as string);

/** RFC 9562, version 8: a UUID made from a hash. The same name always gives the same UUID. */
function uuidOf(name: string): string {
  const hash = sha256(name);
  const variant = ((Number.parseInt(hash.slice(16, 18), 16) & 0x3f) | 0x80).toString(16);
  const parts = [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `8${hash.slice(13, 16)}`,
    variant + hash.slice(18, 20),
    hash.slice(20, 32),
  ];
  return `urn:uuid:${parts.join('-')}`;
}

/** The feed's bytes. They depend only on the input. */
export function feedXml({ identity, publicUrl, releases }: FeedInput): Uint8Array {
  const link = (key: string): string =>
    publicUrl === null ? key : new URL(key, publicUrl.replace(/\/*$/, '/')).href;
  const first = releases.at(-1)?.manifest_sha256 ?? '';
  const updated = lastUpdate(releases);
  const invented = identity.synthetic ? ' (invented figures)' : '';
  const lines = [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<feed xmlns="http://www.w3.org/2005/Atom">',
    `  <id>${uuidOf(`feed of ${first}`)}</id>`,
    `  <title>${escapeXml(`Releases of ${identity.dataset}${invented}`)}</title>`,
    `  <updated>${escapeXml(updated)}</updated>`,
    `  <author><name>${escapeXml(creditOf(identity.synthetic).replace('Source: ', ''))}</name></author>`,
    `  <link rel="self" type="application/atom+xml" href="${escapeXml(link(FEED))}"/>`,
    `  <link rel="alternate" type="text/html" href="${escapeXml(link(PAGE))}"/>`,
    ...releases.flatMap((entry) => entryLines(entry, identity.dataset, link)),
    '</feed>',
    '',
  ];
  return Buffer.from(lines.join('\n'));
}

function entryLines(entry: ReleaseEntry, dataset: string, link: (key: string) => string): string[] {
  const withdrawn = entry.status === 'withdrawn' ? ' (withdrawn)' : '';
  return [
    '  <entry>',
    `    <id>${uuidOf(`release of ${entry.manifest_sha256}`)}</id>`,
    `    <title>${escapeXml(`${dataset} ${entry.release}${withdrawn}`)}</title>`,
    `    <published>${escapeXml(entry.published_at)}</published>`,
    `    <updated>${escapeXml(updatedAt(entry))}</updated>`,
    `    <link rel="alternate" type="text/html" href="${escapeXml(link(`${PAGE}#${releaseAnchor(entry.release)}`))}"/>`,
    `    <link rel="related" type="application/json" href="${escapeXml(link(entry.manifest))}"/>`,
    `    <content type="text">${escapeXml(entryText(entry))}</content>`,
    '  </entry>',
  ];
}

/**
 * The time of the newest release, or of a later withdrawal. The times of older releases are not used: a fast clock may
 * have set them.
 */
const lastUpdate = (releases: readonly ReleaseEntry[]): string =>
  [releases[0]?.published_at ?? '', ...releases.map(({ withdrawn }) => withdrawn?.date ?? '')]
    .sort()
    .at(-1) ?? '';

const updatedAt = ({ withdrawn, published_at }: ReleaseEntry): string => withdrawn?.date ?? published_at;

/** A release in sentences: its withdrawal or expiry, its changes, rows and gaps. */
export function entryText(entry: ReleaseEntry): string {
  const { status, withdrawn, expires_at } = entry;
  const sentences = [changesText(entry), rowsText(entry), ...gapsText(entry)];
  if (status === 'withdrawn')
    sentences.unshift(
      `Withdrawn${withdrawn ? ` on ${withdrawn.date.slice(0, 10)}: ${withdrawn.reason}` : ''}\nIts data files are gone; its manifest stays as the record.`,
    );
  else if (expires_at !== null)
    sentences.push(`Its data files are kept until ${expires_at}; its manifest and changes stay.`);
  return sentences.join('\n');
}

const rowCountText = (rows: number): string => `${rows.toLocaleString('en')} ${rows === 1 ? 'row' : 'rows'}`;

/** The changes of a release since the one that it supersedes, in one sentence. */
export function changesText({ changes, supersedes }: ReleaseEntry): string {
  if (!changes) return supersedes === null ? 'The first release.' : `Supersedes ${supersedes}.`;
  const { added, removed, changed, relabelled, countries } = changes;
  const parts = [
    [added, 'added'],
    [removed, 'removed'],
    [changed, 'changed'],
    [relabelled, 'relabelled'],
  ] as const;
  const phrases = parts.filter(([rows]) => rows > 0).map(([rows, verb]) => `${rowCountText(rows)} ${verb}`);
  const where = countries?.length ? ` (${countries.join(', ')})` : '';
  return `Against ${supersedes}: ${phrases.join(', ') || 'no row differs'}${where}.`;
}

function gapsText({ gaps }: ReleaseEntry): string[] {
  if (!gaps) return [];
  const { carried, failed, oldest_answer } = gaps;
  const units = (count: number): string =>
    `${count} ${count === 1 ? 'unit' : 'units'} (a country at one level)`;
  return [
    ...(carried > 0
      ? [
          `Without an answer, earlier rows stand in for ${units(carried)}; the oldest is of ${oldest_answer?.slice(0, 10) ?? 'an unknown day'}.`,
        ]
      : []),
    ...(failed > 0 ? [`Without an answer and without rows: ${units(failed)}.`] : []),
  ];
}

const rowsText = ({ rows }: ReleaseEntry): string =>
  `Holds ${
    Object.entries(rows)
      .map(([table, number]) => `${rowCountText(number)} in ${table}`)
      .join(', ') || 'no rows'
  }.`;

/**
 * Writes the feed of the listed releases if it changed. Writes nothing if no release is listed.
 * @throws {DamagedFileError} if the list is damaged; {StoreError}
 */
export const writeFeed = (store: Store, input: Omit<FeedInput, 'releases'>): Promise<void> =>
  compareAndSwap(store, FEED, async () => {
    const releases = await readReleases(store);
    return releases.length === 0 ? null : feedXml({ ...input, releases });
  });
