// The feed has the content of the list, is well-formed with any strings, and is never older than the list.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { feedXml, writeFeed } from '../../lib/catalogue/feed.ts';
import { addToList, readReleases, updateReleaseEntry } from '../../lib/catalogue/release-list.ts';
import type { Manifest } from '../../lib/release/manifest.ts';
import type { ReleaseEntry } from '../../lib/release/release-list.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import type { Store } from '../../lib/store/store.ts';
import { temporaryFolder } from '../setting.ts';
import { type Element, parseXml } from '../xml.ts';

/** The part of a manifest's coverage that the list needs. */
const NO_UNITS = { coverage: { units: [] } };

const IDENTITY = { dataset: 'dtm-idp', synthetic: false };
const INPUT = { identity: IDENTITY, publicUrl: null };

function entry(counter: number, more: Partial<ReleaseEntry> = {}): ReleaseEntry {
  const release = `2026-11-24.${counter}`;
  return {
    release,
    status: 'published',
    manifest: `releases/${release}/manifest.json`,
    manifest_sha256: String(counter).padStart(64, '0'),
    published_at: `2026-11-24T05:00:${String(counter).padStart(2, '0')}.000Z`,
    supersedes: counter === 1 ? null : `2026-11-24.${counter - 1}`,
    schema_version: '1.0.0',
    rows: { admin0: 1, admin1: 2345 },
    changes: null,
    expires_at: null,
    announced_at: null,
    ...more,
  };
}

const addRelease = (store: Store, { release, manifest, manifest_sha256, published_at, rows }: ReleaseEntry) =>
  addToList(
    store,
    { ...NO_UNITS, release, supersedes: null, schema_version: '1.0.0', changes: null } as unknown as Manifest,
    {
      release,
      manifest,
      manifest_sha256,
      published_at,
      schema_version: '1.0.0',
      rows,
    },
  );

const onlyChild = (parent: Element | undefined, name: string): Element => {
  const found = parent?.children.filter((child) => child.name === name) ?? [];
  assert.equal(found.length, 1, `${found.length} ${name} in ${parent?.name}`);
  return found[0] as Element;
};
const linksOf = ({ children }: Element): string[][] =>
  children
    .filter(({ name }) => name === 'link')
    .map(({ attributes }) => ['rel', 'type', 'href'].map((name) => String(attributes[name])));
const entriesOf = (feed: Element): Element[] => feed.children.filter(({ name }) => name === 'entry');
const textsOf = (releases: ReleaseEntry[]): string[] =>
  entriesOf(parseXml(feedXml({ ...INPUT, releases }))).map((found) => onlyChild(found, 'content').text);

const DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

/** RFC 4287: the elements that a feed and its entries must have, and ids that must be unique. */
function assertAtom(feed: Element): void {
  assert.deepEqual([feed.name, feed.attributes.xmlns], ['feed', 'http://www.w3.org/2005/Atom']);
  const entries = entriesOf(feed);
  for (const part of [feed, ...entries]) {
    assert.match(
      onlyChild(part, 'id').text,
      /^urn:uuid:[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/,
    );
    assert.ok(onlyChild(part, 'title').text.length > 0);
    assert.match(onlyChild(part, 'updated').text, DATE);
  }
  assert.ok(onlyChild(onlyChild(feed, 'author'), 'name').text.length > 0);
  assert.deepEqual(
    linksOf(feed).map(([rel, type]) => `${rel} ${type}`),
    ['self application/atom+xml', 'alternate text/html'],
  );
  for (const found of entries)
    assert.deepEqual(
      linksOf(found).map(([rel, type]) => `${rel} ${type}`),
      ['alternate text/html', 'related application/json'],
    );
  const ids = [feed, ...entries].map((part) => onlyChild(part, 'id').text);
  assert.equal(new Set(ids).size, ids.length);
}

test('the feed is Atom, newest release first, with the time of the latest event', () => {
  const feed = parseXml(feedXml({ ...INPUT, releases: [entry(3), entry(2), entry(1)] }));
  assertAtom(feed);
  const titles = entriesOf(feed).map((found) => onlyChild(found, 'title').text);
  assert.deepEqual(titles, ['dtm-idp 2026-11-24.3', 'dtm-idp 2026-11-24.2', 'dtm-idp 2026-11-24.1']);
  assert.equal(onlyChild(feed, 'updated').text, '2026-11-24T05:00:03.000Z');
  const withdrawn = { date: '2026-12-01T00:00:00.000Z', reason: 'wrong' };
  const later = parseXml(
    feedXml({ ...INPUT, releases: [entry(2), entry(1, { status: 'withdrawn', withdrawn })] }),
  );
  assert.equal(onlyChild(later, 'updated').text, withdrawn.date);
});

test('feed ids stay if a release is added or withdrawn, or the public URL changes', () => {
  const idsOf = (input: Parameters<typeof feedXml>[0]) => {
    const feed = parseXml(feedXml(input));
    return [feed, ...entriesOf(feed)].map((part) => onlyChild(part, 'id').text);
  };
  const [feed, ...entries] = idsOf({ ...INPUT, releases: [entry(2), entry(1)] });
  const more = idsOf({
    identity: IDENTITY,
    publicUrl: 'https://example.org',
    releases: [entry(3), entry(2, { status: 'withdrawn' }), entry(1)],
  });
  assert.equal(more[0], feed);
  assert.deepEqual(more.slice(2), entries);
});

test('feed links are absolute with a public URL, with or without slash, else relative', () => {
  for (const [publicUrl, base] of [
    [null, ''],
    ['https://example.org/dtm', 'https://example.org/dtm/'],
    ['https://example.org/dtm/', 'https://example.org/dtm/'],
  ] as const) {
    const feed = parseXml(feedXml({ identity: IDENTITY, publicUrl, releases: [entry(1)] }));
    const hrefs = [feed, ...entriesOf(feed)].flatMap((part) => linksOf(part).map(([, , href]) => href));
    assert.deepEqual(hrefs, [
      `${base}feed.xml`,
      `${base}index.html`,
      `${base}index.html#release-2026-11-24.1`,
      `${base}releases/2026-11-24.1/manifest.json`,
    ]);
  }
});

test('a feed entry states its changes and rows, the reason of a withdrawal, the expiry', () => {
  const changes = { added: 12, removed: 0, changed: 1, relabelled: 0, countries: ['HTI', 'TCD'] };
  const none = { added: 0, removed: 0, changed: 0, relabelled: 0, countries: [] };
  const withdrawn = { date: '2026-12-01T00:00:00.000Z', reason: 'Haiti was counted twice' };
  const texts = textsOf([
    entry(5, { status: 'withdrawn', withdrawn }),
    entry(4, { expires_at: '2027-01-01T00:00:00.000Z' }),
    entry(3, { changes: none }),
    entry(2, { changes }),
    entry(1),
  ]);
  const holds = 'Holds 1 row in admin0, 2,345 rows in admin1.';
  assert.deepEqual(texts, [
    `Withdrawn on 2026-12-01: Haiti was counted twice\nIts data files are gone; its manifest stays as the record.\nSupersedes 2026-11-24.4.\n${holds}`,
    `Supersedes 2026-11-24.3.\n${holds}\nIts data files are kept until 2027-01-01T00:00:00.000Z; its manifest and changes stay.`,
    `Against 2026-11-24.2: no row differs.\n${holds}`,
    `Against 2026-11-24.1: 12 rows added, 1 row changed (HTI, TCD).\n${holds}`,
    `The first release.\n${holds}`,
  ]);
});

/** XML 1.0 allows no other control characters, no surrogates, no U+FFFE and no U+FFFF. They become U+FFFD. */
const asShown = (text: string): string =>
  [...text]
    .map((char) => {
      const code = char.codePointAt(0) as number;
      const isControl = code < 0x20 && !'\t\n\r'.includes(char);
      return isControl || !char.isWellFormed() || code === 0xfffe || code === 0xffff ? '\ufffd' : char;
    })
    .join('');

test('with any strings in the list, the feed is well-formed and holds them', () => {
  const units = fc.array(
    fc.oneof(fc.nat(0xffff), fc.constantFrom(0, 9, 10, 13, 0x26, 0x3c, 0x5d, 0x3e, 0xd800)),
  );
  const strings = fc.oneof(
    units.map((codes) => String.fromCharCode(...codes)),
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      '</content>',
      ']]>',
      '&amp;',
      '"/><x a="',
      '\0',
      '\ud800',
      '=cmd()',
      '<!--',
      '😀',
      '\r\n\t',
    ),
  );
  fc.assert(
    fc.property(strings, strings, (reason, dataset) => {
      const withdrawn = { date: '2026-12-01T00:00:00.000Z', reason };
      const releases = [entry(1, { status: 'withdrawn', withdrawn, manifest: reason })];
      const bytes = feedXml({ identity: { dataset, synthetic: true }, publicUrl: null, releases });
      const feed = parseXml(bytes);
      const [found] = entriesOf(feed);
      assert.ok(onlyChild(found, 'content').text.startsWith(`Withdrawn on 2026-12-01: ${asShown(reason)}\n`));
      assert.equal(linksOf(found as Element).at(-1)?.[2], asShown(reason));
      assert.equal(onlyChild(feed, 'title').text, asShown(`Releases of ${dataset} (invented figures)`));
      assert.deepEqual(bytes, feedXml({ identity: { dataset, synthetic: true }, publicUrl: null, releases }));
    }),
    { numRuns: 2000 },
  );
});

test('releases that are listed concurrently are all in the feed', async (t) => {
  const folder = await temporaryFolder(t);
  const publish = async (counter: number) => {
    const store = folderStore(folder);
    await addRelease(store, entry(counter));
    await writeFeed(store, INPUT);
  };
  await Promise.all([1, 2, 3, 4, 5, 6].map(publish));
  const feed = parseXml((await folderStore(folder).get('feed.xml'))?.body as Uint8Array);
  assert.equal(entriesOf(feed).length, 6);
});

test('a run that loses the race for feed.xml builds it again from the newest list', async (t) => {
  const store = folderStore(await temporaryFolder(t));
  await addRelease(store, entry(1));
  await writeFeed(store, INPUT);
  await addRelease(store, entry(2));
  let overtaken = false;
  const slow: Store = {
    ...store,
    put: async (key, body, ...rest) => {
      if (key === 'feed.xml' && !overtaken) {
        overtaken = true;
        await addRelease(store, entry(3));
        await writeFeed(store, INPUT);
      }
      return store.put(key, body, ...rest);
    },
  };
  await writeFeed(slow, INPUT);
  assert.ok(overtaken);
  assert.equal(entriesOf(parseXml((await store.get('feed.xml'))?.body as Uint8Array)).length, 3);
});

test('writeFeed writes nothing if the feed is up to date or no release is listed', async (t) => {
  const store = folderStore(await temporaryFolder(t));
  await writeFeed(store, INPUT);
  assert.equal(await store.head('feed.xml'), null);
  await addRelease(store, entry(1));
  await writeFeed(store, INPUT);
  const refusing: Store = { ...store, put: () => Promise.reject(new Error('written again')) };
  await writeFeed(refusing, INPUT);
  await updateReleaseEntry(store, '2026-11-24.1', (found) => ({
    ...found,
    expires_at: '2027-01-01T00:00:00.000Z',
  }));
  await updateReleaseEntry(store, '2026-11-24.7', (found) => ({ ...found, expires_at: null }));
  assert.equal((await readReleases(store))[0]?.expires_at, '2027-01-01T00:00:00.000Z');
  await assert.rejects(writeFeed(refusing, INPUT), /written again/);
});

test('parseXml of these tests rejects XML that is not well-formed', () => {
  const head = '<?xml version="1.0" encoding="utf-8"?>\n';
  const malformed = [
    '<a>',
    '<a></b>',
    '<a>&</a>',
    '<a>&x;</a>',
    '<a>\0</a>',
    '<a>&#0;</a>',
    '<a b="<"/>',
    '<a/><b/>',
  ];
  for (const text of [...malformed, '<a b="1" b="2"/>', '<a>]]></a>'])
    assert.throws(() => parseXml(Buffer.from(head + text)), SyntaxError, text);
  assert.equal(parseXml(Buffer.from(`${head}<a b="&quot;">&#65;&#x42;&lt;</a>`)).text, 'AB<');
});
