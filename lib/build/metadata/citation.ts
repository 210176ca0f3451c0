// How to cite a release: `CITATION.txt` for people and reference managers (a sentence, and BibTeX), `CITATION.cff` for
import { releaseAnchor } from '../../release/layout.ts';
// programs. The address is that of the release's place on the page, which stays when its files are withdrawn or pruned.

import { MANIFEST, PAGE, releaseKey } from '../../release/layout.ts';
import {
  contactParts,
  creatorOf,
  descriptionOf,
  ensureTrailingSlash,
  isUrl,
  keywordsOf,
  type MetadataInput,
  titleOf,
} from './describe.ts';

/** Where a release can be looked up, `https://example.org/dtm/index.html#release-2026-11-24.1`. */
export const releasePage = (publicUrl: string, release: string): string =>
  new URL(`${PAGE}#${releaseAnchor(release)}`, ensureTrailingSlash(publicUrl)).href;

/** The sentence, and the BibTeX entry. */
export const citationText = (described: MetadataInput): string =>
  `${described.citation}\n\n${bibtex(described)}\n`;

/** A BibTeX entry; `@misc` is what every style knows. */
export function bibtex(described: BibtexInput): string {
  const { dataset, release, created_at, publicUrl } = described;
  const fields = [
    ['author', `{${escapeLatex(creatorOf(described))}}`],
    ['title', `{${escapeLatex(titleOf(described))}}`],
    ['year', created_at.slice(0, 4)],
    ['month', String(Number(created_at.slice(5, 7)))],
    ['version', release],
    ['note', escapeLatex(`Dataset ${dataset}, release ${release}`)],
    ...(publicUrl === null ? [] : [['url', releasePage(publicUrl, release).replaceAll(/[{}\\]/g, '')]]),
  ];
  const lines = fields.map(([name, value]) => `  ${name} = {${value}},`);
  return [`@misc{${dataset}-${release},`, ...lines, '}'].join('\n');
}

/** What a BibTeX entry is made from. */
export type BibtexInput = Pick<
  MetadataInput,
  'dataset' | 'api_version' | 'synthetic' | 'release' | 'created_at' | 'credit' | 'publicUrl'
>;

const LATEX: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
};

/** Text that LaTeX shows as it is. */
const escapeLatex = (text: string): string =>
  text.replaceAll(/[\\~^]|[&%$#_{}]/g, (sign) => LATEX[sign] ?? `\\${sign}`);

/** Citation File Format 1.2.0. */
export function citationCff(described: MetadataInput): string {
  const { release, created_at, licence, contact, publicUrl } = described;
  const lines = [
    `cff-version: 1.2.0`,
    `message: ${quoteYaml(`Cite this dataset as below. Licence: ${licence}`)}`,
    `type: dataset`,
    `title: ${quoteYaml(titleOf(described))}`,
    `abstract: ${quoteYaml(descriptionOf(described))}`,
    `version: ${quoteYaml(release)}`,
    `date-released: ${quoteYaml(created_at.slice(0, 10))}`,
    `authors:`,
    `  - name: ${quoteYaml(creatorOf(described))}`,
    ...(contact ? contactLines(contact) : []),
    `keywords:`,
    ...keywordsOf(described).map((keyword) => `  - ${quoteYaml(keyword)}`),
    ...(isUrl(licence) ? [`license-url: ${quoteYaml(URL.parse(licence)?.href ?? licence)}`] : []),
    ...(publicUrl === null ? [] : addressLines(publicUrl, release)),
  ];
  return `${lines.join('\n')}\n`;
}

function contactLines(contact: string): string[] {
  const { email, url } = contactParts(contact);
  return [
    'contact:',
    `  - name: ${quoteYaml(contact)}`,
    ...(email ? [`    email: ${quoteYaml(email)}`] : []),
    ...(url ? [`    website: ${quoteYaml(url)}`] : []),
  ];
}

const addressLines = (publicUrl: string, release: string): string[] => [
  `url: ${quoteYaml(releasePage(publicUrl, release))}`,
  `identifiers:`,
  `  - type: url`,
  `    value: ${quoteYaml(new URL(releaseKey(release, MANIFEST), ensureTrailingSlash(publicUrl)).href)}`,
  `    description: ${quoteYaml('The manifest: every file with its SHA-256')}`,
];

/** YAML 1.2: JSON's strings are scalars, if what YAML does not print is escaped. */
const quoteYaml = (text: string): string =>
  JSON.stringify(text.toWellFormed()).replaceAll(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
