// Citations of a release: `CITATION.txt` for people and reference managers (a sentence and BibTeX), `CITATION.cff` for
// programs. They give the address of the release on the page, which stays after its files are withdrawn or pruned.
import { MANIFEST, PAGE, releaseAnchor, releaseKey } from '../../release/layout.ts';
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

/** The address of a release on the page, `https://example.org/dtm/index.html#release-2026-11-24.1`. */
export const releasePage = (publicUrl: string, release: string): string =>
  new URL(`${PAGE}#${releaseAnchor(release)}`, ensureTrailingSlash(publicUrl)).href;

/** `CITATION.txt`: the sentence and the BibTeX entry. */
export const citationText = (input: MetadataInput): string => `${input.citation}\n\n${bibtex(input)}\n`;

/** The BibTeX entry. Its type is `@misc`, which every style knows. */
export function bibtex(input: BibtexInput): string {
  const { dataset, release, created_at, publicUrl } = input;
  const fields = [
    ['author', `{${escapeLatex(creatorOf(input))}}`],
    ['title', `{${escapeLatex(titleOf(input))}}`],
    ['year', created_at.slice(0, 4)],
    ['month', String(Number(created_at.slice(5, 7)))],
    ['version', release],
    ['note', escapeLatex(`Dataset ${dataset}, release ${release}`)],
    ...(publicUrl === null ? [] : [['url', releasePage(publicUrl, release).replaceAll(/[{}\\]/g, '')]]),
  ];
  const lines = fields.map(([name, value]) => `  ${name} = {${value}},`);
  return [`@misc{${dataset}-${release},`, ...lines, '}'].join('\n');
}

/** Input of a BibTeX entry. */
export type BibtexInput = Pick<
  MetadataInput,
  'dataset' | 'api_version' | 'synthetic' | 'release' | 'created_at' | 'credit' | 'publicUrl'
>;

const LATEX: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
};

/** Escapes a text for LaTeX. */
const escapeLatex = (text: string): string =>
  text.replaceAll(/[\\~^]|[&%$#_{}]/g, (character) => LATEX[character] ?? `\\${character}`);

/** `CITATION.cff`, in the Citation File Format 1.2.0. */
export function citationCff(input: MetadataInput): string {
  const { release, created_at, licence, contact, publicUrl } = input;
  const lines = [
    `cff-version: 1.2.0`,
    `message: ${quoteYaml(`Cite this dataset as below. Licence: ${licence}`)}`,
    `type: dataset`,
    `title: ${quoteYaml(titleOf(input))}`,
    `abstract: ${quoteYaml(descriptionOf(input))}`,
    `version: ${quoteYaml(release)}`,
    `date-released: ${quoteYaml(created_at.slice(0, 10))}`,
    `authors:`,
    `  - name: ${quoteYaml(creatorOf(input))}`,
    ...(contact ? contactLines(contact) : []),
    `keywords:`,
    ...keywordsOf(input).map((keyword) => `  - ${quoteYaml(keyword)}`),
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

/** YAML 1.2: a JSON string is a valid scalar if the characters that YAML does not print are escaped. */
const quoteYaml = (text: string): string =>
  JSON.stringify(text.toWellFormed()).replaceAll(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
