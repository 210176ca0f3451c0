// A workbook's texts, each written once: its cells hold numbers of them.
import { escapeCell, truncateCell } from './cell-text.ts';
import { MAIN_NAMESPACE, XML_HEAD } from './sheet-parts.ts';

export interface SharedStrings {
  /** The number of a text, in the order in which texts were first asked for. */
  readonly indexOf: (text: string) => number;
  /** The part that holds them. */
  readonly xml: () => string;
}

export function createSharedStrings(): SharedStrings {
  const numbers = new Map<string, number>();
  const numberOf = (text: string): number => {
    const known = numbers.get(text);
    if (known !== undefined) return known;
    numbers.set(text, numbers.size);
    return numbers.size - 1;
  };
  const xml = (): string => {
    const items = [...numbers.keys()].map(
      (text) => `<si><t xml:space="preserve">${escapeCell(truncateCell(text))}</t></si>`,
    );
    return `${XML_HEAD}<sst xmlns="${MAIN_NAMESPACE}" uniqueCount="${items.length}">${items.join('')}</sst>`;
  };
  return { indexOf: numberOf, xml };
}
