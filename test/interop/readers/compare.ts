// Compares the results of a reader with the truth. Every difference names file, column, expected and found value.
import type { Allowance, Form, Kind, Reader } from './entries.ts';

/** Statistics of a column; `as` is the tool's own type. */
export type Figures = Readonly<Record<string, unknown>> & { readonly kind: Kind; readonly nulls: number };

export interface Part {
  readonly rows: number;
  readonly columns: Readonly<Record<string, Figures>>;
}

/** Texts of a column with their counts. */
type Counts = readonly (readonly [string, number])[];

/** Expected statistics by table and country; the country "" is the whole table. */
export type Truth = Readonly<Record<string, Readonly<Record<string, Part>>>>;

/** Statistics of a file from a reader, or the error. */
export interface FoundFile extends Part {
  readonly form: Form;
  readonly table: string;
  readonly country: string;
  readonly error?: string;
}

const LEVELS = ['admin0', 'admin1', 'admin2'];

/** Files that a reader must read, as `form table country`. */
export function filesToRead(truth: Truth, { forms, workbooks }: Reader): string[] {
  return forms.flatMap((form) =>
    Object.entries(truth).flatMap(([table, parts]) =>
      Object.keys(parts)
        .filter(
          (country) =>
            isPublished(form, table, country) && (form !== 'workbook' || isChosen(country, workbooks)),
        )
        .map((country) => `${form} ${table} ${country}`),
    ),
  );
}

/** The workbook of all countries is always read. */
const isChosen = (country: string, workbooks?: readonly string[]) =>
  country === '' || (workbooks?.includes(country) ?? true);

function isPublished(form: Form, table: string, country: string): boolean {
  if (form === 'parquet' || form === 'csv') return country === '';
  if (country === '') return form === 'workbook' && (table === 'snapshots' || table === 'operations');
  return LEVELS.includes(table) || (form === 'workbook' && table === 'snapshots');
}

/** All differences between a reader's results and the truth; empty if the reader is right. */
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

interface ColumnContext {
  readonly rows: number;
  readonly allowed: readonly Allowance[];
}

function columnDifferences(wanted: Figures, found: Figures, { rows, allowed }: ColumnContext): string[] {
  const expected = allowed.reduce((figures, { emptyIsNull, blankIsNull, rewrites }) => {
    const filled = emptyIsNull ? withoutEmpty(figures) : figures;
    const given = blankIsNull ? withoutBlank(filled) : filled;
    return (rewrites ?? []).reduce(rewritten, given);
  }, wanted);
  const types = [wanted.kind, ...allowed.flatMap((each) => each.types?.[wanted.kind] ?? [])];
  // A column without values has no type in a text file.
  const hasWrongType = expected.nulls < rows && !types.includes(found.as as Kind);
  return [
    ...(hasWrongType ? [`expected the type ${types.join(' or ')}, found ${found.as}`] : []),
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

/** Expected statistics for a tool that reads an empty text as null. */
function withoutEmpty(figures: Figures): Figures {
  const empty = Number(figures.empty ?? 0);
  if (figures.kind !== 'text' || empty === 0) return figures;
  const rest = { nulls: figures.nulls + empty, empty: 0, distinct: Number(figures.distinct) - 1 };
  const values = (figures.values as Counts | undefined)?.filter(([text]) => text !== '');
  return { ...figures, ...rest, ...(values ? { values } : {}) };
}

/** Expected statistics for a tool that replaces one character. */
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

/** Expected statistics for a tool that reads a text of blanks as null. */
function withoutBlank(figures: Figures): Figures {
  const counts = figures.values as Counts | undefined;
  if (!counts) return figures;
  const kept = counts.filter(([text]) => !/^[ \t\n]+$/.test(text));
  const bytes = kept.reduce((sum, [text, count]) => sum + Buffer.byteLength(text) * count, 0);
  const gone = sumOf(counts) - sumOf(kept);
  return { ...figures, values: kept, nulls: figures.nulls + gone, distinct: kept.length, bytes };
}

const sumOf = (counts: Counts): number => counts.reduce((sum, [, count]) => sum + count, 0);

/** True if a tool that cannot read line feeds in names failed with its known error on a file that has some. */
function isExcused(error: string, { columns }: Part, allowed: readonly Allowance[]): boolean {
  const texts = Object.values(columns).flatMap(({ values }) => (values as Counts | undefined) ?? []);
  const hasLineFeeds = texts.some(([text]) => text.includes('\n'));
  return hasLineFeeds && allowed.some((each) => each.lineFeedError && error.includes(each.lineFeedError));
}
