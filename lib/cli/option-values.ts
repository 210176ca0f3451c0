// Parses option values. An error says which values are allowed and which one came.
import { constants } from 'node:buffer';
import { InvalidArgumentError } from 'commander';
import { API_VERSIONS, type ApiVersion, LEVELS, type Level } from '../dtm/endpoints.ts';
import { RELEASE_ID } from '../release/layout.ts';
import { parseRunId } from '../run/run-id.ts';
import { LEVEL_TABLES, type LevelTable, TABLES, type TableName } from '../table/schema.ts';

const rejectValue = (expected: string, got: string): never => {
  throw new InvalidArgumentError(`Expected ${expected}, got ${got === '' ? 'nothing' : got}.`);
};

function parseList<T>(text: string, expected: string, parse: (item: string) => T | undefined): T[] {
  const items = text.split(',').map((item) => parse(item.trim()) ?? rejectValue(expected, item));
  const duplicate = items.find((item, at) => items.indexOf(item) !== at);
  if (duplicate !== undefined) rejectValue(`${expected}, each once`, `${duplicate} twice`);
  return items;
}

/** `AFG,HTI`: ISO 3166-1 alpha-3 codes, each once, sorted. */
export const countries = (text: string): string[] =>
  parseList(text, 'three-letter country codes like AFG,HTI', (item) =>
    /^[A-Z]{3}$/.test(item) ? item : undefined,
  ).sort();

/** `0,1,2`: levels, each once, sorted. */
export const levels = (text: string): Level[] =>
  parseList(text, 'levels 0, 1 or 2 separated by commas', (item) =>
    LEVELS.find((level) => String(level) === item),
  ).sort();

export const apiVersion = (text: string): ApiVersion =>
  API_VERSIONS.find((version) => version === text) ?? rejectValue(API_VERSIONS.join(' or '), text);

/** `2026-11-24T05-00-00Z`, optionally `-` and 1 to 12 of `[a-z0-9]`. The time must exist. */
export function runId(text: string): string {
  return parseRunId(text) === text
    ? text
    : rejectValue('a run id like 2026-11-24T05-00-00Z or 2026-11-24T05-00-00Z-ab12', text);
}

/** A whole number from `min` to `max`. */
export const integer =
  (min: number, max = Number.MAX_SAFE_INTEGER) =>
  (text: string): number => {
    const value = Number(text);
    const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
    return /^\d+$/.test(text) && value >= min && value <= max
      ? value
      : rejectValue(`a whole number ${range}`, text);
  };

/** A number of at least `min`. */
export const decimal =
  (min: number, expected: string) =>
  (text: string): number => {
    const value = Number(text);
    return /^\d+(\.\d+)?$/.test(text) && value >= min ? value : rejectValue(expected, text);
  };

/** `2026-11-24.1`. */
export const releaseId = (text: string): string =>
  RELEASE_ID.test(text) ? text : rejectValue('a release id like 2026-11-24.1', text);

/** True for a day of the calendar such as `2026-11-24`. */
const isDay = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) && new Date(Date.parse(text) || 0).toISOString().startsWith(text);

/** `2026-11-24.1`, or a day such as `2026-11-24`. */
export const releaseOrDay = (text: string): string =>
  RELEASE_ID.test(text) || isDay(text)
    ? text
    : rejectValue('a release id like 2026-11-24.1 or a day like 2026-11-24', text);

/** `2026-06-30`. */
export const day = (text: string): string =>
  isDay(text) ? text : rejectValue('a day like 2026-06-30', text);

/** `SDN`. */
export const country = (text: string): string =>
  /^[A-Z]{3}$/.test(text) ? text : rejectValue('a three-letter country code like SDN', text);

/** `0`, `1` or `2`. */
export const level = (text: string): Level =>
  LEVELS.find((one) => String(one) === text) ?? rejectValue('a level 0, 1 or 2', text);

/** The name of a file, or `-`. */
export const fileName = (text: string): string =>
  text.trim() === '' ? rejectValue('the name of a file, or -', text) : text;

/** A stack's name or ARN. */
export const stackName = (text: string): string =>
  /^([a-zA-Z][a-zA-Z0-9-]{0,127}|arn:\S+)$/.test(text)
    ? text
    : rejectValue('the name of a stack like dtm-exporter-prod', text);

/** `admin1,snapshots`: tables, each once. */
export const tables = (text: string): TableName[] =>
  parseList(text, `tables of ${TABLES.join(', ')} separated by commas`, (item) =>
    TABLES.find((table) => table === item),
  );

/** `admin0,admin1`: level tables, each once, in their order. */
export const levelTables = (text: string): LevelTable[] =>
  parseList(text, `tables of ${LEVEL_TABLES.join(', ')} separated by commas`, (item) =>
    LEVEL_TABLES.find((table) => table === item),
  ).sort();

/** The formats of data files. */
const FORMATS = ['parquet', 'csv', 'xlsx'] as const;

/** `parquet,xlsx`: formats, each once. */
export const formats = (text: string): string[] =>
  parseList(text, `formats of ${FORMATS.join(', ')} separated by commas`, (item) =>
    FORMATS.find((format) => format === item),
  );

/** `all`, or a whole number of months. */
export const months = (text: string): number | 'all' =>
  text === 'all' || /^\d{1,6}$/.test(text)
    ? text === 'all'
      ? text
      : Number(text)
    : rejectValue('all or a whole number of months', text);

/** A text of 1 to 1000 characters, without spaces around it. */
export const sentence = (text: string): string => {
  const trimmed = text.trim();
  return trimmed !== '' && trimmed.length <= 1000
    ? trimmed
    : rejectValue('a text of 1 to 1000 characters', trimmed && `${trimmed.length}`);
};

/**
 * Bytes: a number, optionally with K, M or G in powers of 1024. The limit is the length of the longest string in Node.
 */
export function bytes(text: string): number {
  const [, number = '', unit = ''] = /^(\d{1,12})([KMG]?)$/.exec(text) ?? [];
  const value = Number(number) * 1024 ** ['', 'K', 'M', 'G'].indexOf(unit);
  return number !== '' && value >= 1 && value <= constants.MAX_STRING_LENGTH
    ? value
    : rejectValue(`bytes such as 64M, from 1 to ${constants.MAX_STRING_LENGTH}`, text);
}

/** `30s`, `15m`, `1h` or `1d`: seconds from 10 to a week. */
export function interval(text: string): number {
  const [, number = '', unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const seconds = Number(number) * ({ s: 1, m: 60, h: 3600, d: 86_400 }[unit] ?? 0);
  return seconds >= 10 && seconds <= 7 * 86_400
    ? seconds
    : rejectValue('a time from 10s to 7d, such as 30s, 15m, 1h or 1d', text);
}

/** A key that can be sent as a header: visible characters of ASCII. */
export const headerKey = (text: string): string =>
  /^[\x21-\x7e]+$/.test(text) ? text : rejectValue('a key of letters, digits and signs without spaces', text);

/** A text that is not blank, as it is. */
export const nonBlank =
  (expected: string) =>
  (text: string): string =>
    text.trim() === '' ? rejectValue(expected, '') : text;

/** Seconds: `900`, or minutes as `15m`, or hours as `2h`; at most a week. */
export function duration(text: string): number {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)([smh]?)$/.exec(text) ?? [];
  const seconds = Number(number) * (unit === 'h' ? 3600 : unit === 'm' ? 60 : 1);
  return number !== '' && seconds > 0 && seconds <= 7 * 86_400
    ? seconds
    : rejectValue('a duration above 0 and up to a week, such as 900, 15m or 2h', text);
}
