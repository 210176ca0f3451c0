// Reads workbooks with hucre, which shares no code with the writer.
import assert from 'node:assert/strict';
import { unzipSync } from 'fflate';
import { readXlsx } from 'hucre/xlsx';
import { dayText } from '../../../lib/table/ingest.ts';
import { parseXml } from '../../xml.ts';
import type { Cell } from '../sample-table.ts';

export interface FoundSheet {
  readonly name: string;
  /** The rows with the header first. Dates are texts such as `2025-06-30`. All rows have the width of the first. */
  readonly rows: readonly (readonly Cell[])[];
  readonly frozenRows: number;
  /** The filtered range, such as `A1:Q50`, or null. */
  readonly filter: string | null;
}

export async function readWorkbook(bytes: Uint8Array): Promise<FoundSheet[]> {
  const { sheets } = await readXlsx(bytes);
  return sheets.map(({ name, rows, freezePane, autoFilter }) => ({
    name,
    rows: rows.map((row) => Array.from({ length: rows[0]?.length ?? 0 }, (_, at) => cellOf(row[at]))),
    frozenRows: freezePane?.rows ?? 0,
    filter: autoFilter?.range ?? null,
  }));
}

function cellOf(value: unknown): Cell {
  if (value instanceof Date) return dayText(value.getTime() / 86_400_000);
  return (value ?? null) as Cell;
}

/** The XML parts of a workbook by path. It asserts that each is well-formed. */
export function partsOf(bytes: Uint8Array): Map<string, string> {
  const parts = Object.entries(unzipSync(bytes));
  return new Map(
    parts.map(([path, body]) => {
      const [head, xml = ''] = Buffer.from(body)
        .toString('utf8')
        .split(/(?<=^[^\n]*)\n/);
      assert.equal(head, '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>', path);
      assert.doesNotThrow(
        () => parseXml(Buffer.from(`<?xml version="1.0" encoding="utf-8"?>\n${xml}`)),
        path,
      );
      return [path, xml];
    }),
  );
}
