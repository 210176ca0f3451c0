// The shared strings of a workbook (ECMA-376): each text is written once, and cells hold its index.
import { escapeCell, truncateCell } from './cell-text.ts';
import { MAIN_NAMESPACE, XML_HEAD } from './sheet-parts.ts';

export interface SharedStrings {
  /** The index of a text. A new text gets the next index. */
  readonly indexOf: (text: string) => number;
  /** The XML part with all texts so far. */
  readonly xml: () => string;
}

export function createSharedStrings(): SharedStrings {
  const indexes = new Map<string, number>();
  const indexOf = (text: string): number => {
    const existing = indexes.get(text);
    if (existing !== undefined) return existing;
    indexes.set(text, indexes.size);
    return indexes.size - 1;
  };
  const xml = (): string => {
    const items = [...indexes.keys()].map(
      (text) => `<si><t xml:space="preserve">${escapeCell(truncateCell(text))}</t></si>`,
    );
    return `${XML_HEAD}<sst xmlns="${MAIN_NAMESPACE}" uniqueCount="${items.length}">${items.join('')}</sst>`;
  };
  return { indexOf, xml };
}
