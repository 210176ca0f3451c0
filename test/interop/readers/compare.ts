// What a reader found, held against the truth: every difference names the file, the column, what was expected and what was found.
import type { Allowance, Form, Kind, Reader } from './entries.ts';

/** A column in figures; `as` is the tool's own type. */
export type Figures = Readonly<Record<string, unknown>> & { readonly kind: Kind; readonly nulls: number };

export interface Part {
  readonly rows: number;
  readonly columns: Readonly<Record<string, Figures>>;
}

/** Texts with how often each stands in a column. */
type Counts = readonly (readonly [string, number])[];

/** By table and country; the country "" is the whole table. */
export type Truth = Readonly<Record<string, Readonly<Record<string, Part>>>>;

/** A file as a reader found it, or why it could not be read. */
export interface FoundFile extends Part {
  readonly form: Form;
  readonly table: string;
  readonly country: string;
  readonly error?: string;
}

const LEVELS = ['admin0', 'admin1', 'admin2'];

/** The files that a reader must have read, as `form table country`. */
export function filesToRead(truth: Truth, { forms, workbooks }: Reader): string[] {
  return forms.flatMap((form) =>
    Object.entries(truth).flatMap(([table, parts]) =>
      Object.keys(parts)
        .filter(
          (country) =>
            isPublished(form, table, country) && (form !== 'workbook' || chosen(country, workbooks)),
        )
        .map((country) => `${form} ${table} ${country}`),
    ),
  );
}

/** The workbook of the world is always among those that are read. */
const chosen = (country: string, workbooks?: readonly string[]) =>
  country === '' || (workbooks?.includes(country) ?? true);

function isPublished(form: Form, table: string, country: string): boolean {
  if (form === 'parquet' || form === 'csv') return country === '';
  if (country === '') return form === 'workbook' && (table === 'snapshots' || table === 'operations');
  return LEVELS.includes(table) || (form === 'workbook' && table === 'snapshots');
}

/** All differences between what a reader found and the truth; none: the reader is right. */
export function differences(truth: Truth, reader: Reader, files: readonly FoundFile[]): string[] {
  const read = new Set(files.map(({ form, table, country }) => `${form} ${table} ${country}`));
  const missing = filesToRead(truth, reader).filter((file) => !read.has(file));
  return [
    ...missing.map((file) => `${reader.name}, ${file}: not read`),
    ...files.flatMap((file) => fileDifferences(truth, reader, file)),
  ];
}

function fileDifferences(truth: Truth, reader: Reader, file: FoundFile): string[] {
  const where = `${reader.name}, ${file.form} ${file.table} ${file.country}`.trimEnd();
  const expected = truth[file.table]?.[file.country];
  const allowed = reader.allowances.filter(({ forms }) => forms.includes(file.form));
  if (file.error !== undefined && expected && isExcused(file.error, expected, allowed)) return [];
  if (file.error !== undefined || !expected) return [`${where}: ${file.error ?? 'no such part'}`];
  const names = [...new Set([...Object.keys(expected.columns), ...Object.keys(file.columns)])];
  const rows =
    expected.rows === file.rows ? [] : [`${where}: expected ${expected.rows} rows, found ${file.rows}`];
  return [
    ...rows,
    ...names.flatMap((name) => {
      const [wanted, found] = [expected.columns[name], file.columns[name]];
      if (!wanted || !found) return [`${where}, ${name}: ${wanted ? 'no such column' : 'a column too many'}`];
      return columnDifferences(wanted, found, { rows: expected.rows, allowed }).map(
        (said) => `${where}, ${name}: ${said}`,
      );
    }),
  ];
}

interface Setting {
  readonly rows: number;
  readonly allowed: readonly Allowance[];
}

function columnDifferences(wanted: Figures, found: Figures, { rows, allowed }: Setting): string[] {
  const expected = allowed.reduce((figures, { emptyIsNull, blankIsNull, rewrites }) => {
    const filled = emptyIsNull ? withoutEmpty(figures) : figures;
    const given = blankIsNull ? withoutBlank(filled) : filled;
    return (rewrites ?? []).reduce(rewritten, given);
  }, wanted);
  const types = [wanted.kind, ...allowed.flatMap((each) => each.types?.[wanted.kind] ?? [])];
  // A column without a value has no type in a file of text.
  const odd = expected.nulls < rows && !types.includes(found.as as Kind);
  return [
    ...(odd ? [`expected the type ${types.join(' or ')}, found ${found.as}`] : []),
    ...(found.error === undefined ? [] : [String(found.error)]),
    ...Object.keys(expected).flatMap((figure) => figureDifference(figure, expected[figure], found[figure])),
  ];
}

function figureDifference(figure: string, expected: unknown, found: unknown): string[] {
  if (figure !== 'values')
    return expected === found ? [] : [`expected ${figure} ${expected}, found ${found}`];
  const [wanted, given] = [new Map(expected as Counts), new Map((found ?? []) as Counts)];
  return [...new Set([...wanted.keys(), ...given.keys()])]
    .filter((text) => wanted.get(text) !== given.get(text))
    .map(
      (text) =>
        `expected ${JSON.stringify(text)} ${wanted.get(text) ?? 0} times, found ${given.get(text) ?? 0}`,
    );
}

/** The figures as a tool gives them that takes an empty text for null. */
function withoutEmpty(figures: Figures): Figures {
  const empty = Number(figures.empty ?? 0);
  if (figures.kind !== 'text' || empty === 0) return figures;
  const rest = { nulls: figures.nulls + empty, empty: 0, distinct: Number(figures.distinct) - 1 };
  const values = (figures.values as Counts | undefined)?.filter(([text]) => text !== '');
  return { ...figures, ...rest, ...(values ? { values } : {}) };
}

/** The figures of the texts as a tool gives them that writes one character otherwise. */
function rewritten(figures: Figures, [from, to]: readonly [string, string]): Figures {
  const counts = figures.values as Counts | undefined;
  if (!counts) return figures;
  const values = new Map<string, number>();
  for (const [text, count] of counts) {
    const given = text.replaceAll(from, to);
    values.set(given, (values.get(given) ?? 0) + count);
  }
  const bytes = [...values].reduce((sum, [text, count]) => sum + Buffer.byteLength(text) * count, 0);
  return { ...figures, values: [...values], distinct: values.size, bytes };
}

/** The figures as a tool gives them that takes a text of blanks alone for null. */
function withoutBlank(figures: Figures): Figures {
  const counts = figures.values as Counts | undefined;
  if (!counts) return figures;
  const kept = counts.filter(([text]) => !/^[ \t\n]+$/.test(text));
  const bytes = kept.reduce((sum, [text, count]) => sum + Buffer.byteLength(text) * count, 0);
  const gone = sumOf(counts) - sumOf(kept);
  return { ...figures, values: kept, nulls: figures.nulls + gone, distinct: kept.length, bytes };
}

const sumOf = (counts: Counts): number => counts.reduce((sum, [, count]) => sum + count, 0);

/** A tool that cannot read line feeds in names may fail with its known error, where there are some. */
function isExcused(error: string, { columns }: Part, allowed: readonly Allowance[]): boolean {
  const texts = Object.values(columns).flatMap(({ values }) => (values as Counts | undefined) ?? []);
  const hasLineFeeds = texts.some(([text]) => text.includes('\n'));
  return hasLineFeeds && allowed.some((each) => each.lineFeedError && error.includes(each.lineFeedError));
}
