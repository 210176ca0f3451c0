// Reads feed.xml with Python's XML parser, which is independent of our code.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { feedXml } from '../../lib/catalogue/feed.ts';
import { childEnvironment } from './python-environment.ts';

const READ = `
import json, sys, xml.etree.ElementTree as tree
atom = '{http://www.w3.org/2005/Atom}'
feeds = [tree.fromstring(feed.encode('utf-8')) for feed in json.load(sys.stdin)]
print(json.dumps([feed.find(atom + 'entry/' + atom + 'content').text for feed in feeds]))
`;

const STRINGS = [
  'a & b < c > d "e"',
  ']]>',
  '&amp;',
  '</content>',
  'tab\tand\r\nlines',
  '\u0085\u2028',
  '😀 é ع',
  "'",
];

test('xml.etree reads every reason from feed.xml unchanged, forbidden characters as U+FFFD', () => {
  const feedOf = (reason: string): string => {
    const release = {
      release: '2026-11-24.1',
      status: 'withdrawn',
      manifest: 'releases/2026-11-24.1/manifest.json',
      manifest_sha256: '0'.repeat(64),
      published_at: '2026-11-24T05:00:00.000Z',
      supersedes: null,
      schema_version: '1.0.0',
      rows: {},
      changes: null,
      expires_at: null,
      withdrawn: { reason, date: '2026-12-01T00:00:00.000Z' },
      announced_at: null,
    } as const;
    const identity = { dataset: reason, synthetic: false };
    return Buffer.from(feedXml({ identity, publicUrl: null, releases: [release] })).toString('utf8');
  };
  const input = JSON.stringify([...STRINGS, '\0\x1b\ud800\uffff'].map(feedOf));
  const texts = JSON.parse(
    execFileSync('python3', ['-c', READ], { input, env: childEnvironment(), encoding: 'utf8' }),
  );
  const reasons = (texts as string[]).map(
    (text) => text.split('Withdrawn on 2026-12-01: ')[1]?.split('\nIts data')[0],
  );
  assert.deepEqual(reasons, [...STRINGS, '\ufffd'.repeat(4)]);
});
