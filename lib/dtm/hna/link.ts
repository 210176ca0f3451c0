// Reads the answer of the download endpoint: a link to a file on another host. The link holds a token, which opens the file
// to everyone: no error and no log line may show it.
import { nullable, optional, type } from 'superstruct';
import { isLoopback } from '../../environment/loopback.ts';
import { text } from '../answers/row-structs.ts';
import { shapeError } from '../answers/shape-error.ts';
import type { HnaRequest } from './hna-request.ts';
import { fieldsOf, isObject } from './levels.ts';
import { readLevels, throwMessage } from './read-rows.ts';

/** A link to a file that the API has prepared. */
export interface HnaDownloadLink {
  /** The address of the file. It holds a token: whoever has it can read the file until it expires. */
  readonly downloadUrl: string;
  /** The API's name for the file, as received: not safe as a path. Null if the API gave none. */
  readonly fileName: string | null;
  /** When the link expires. Null if the API did not say it in a form that can be read. API: after ten minutes. */
  readonly expiresAt: Date | null;
}

/** Longest link. API: some 500 characters. */
const MAX_LENGTH = 8192;

const KEYS = ['downloadUrl', 'fileName', 'expiresAt'];
const NAMES = type({ fileName: optional(nullable(text)), expiresAt: optional(nullable(text)) });

/**
 * Reads the link. It is https; http on loopback is accepted if the API itself is there.
 * @throws {DTMAnswerShapeError} if there is no such link; the link is not shown
 * @throws {DTMApiResponseError | DTMApiRequestError} as other answers
 */
export function readLink(request: HnaRequest, body: Uint8Array): HnaDownloadLink {
  const { path, value, fields } = readLevels(request, body);
  if (!isObject(value))
    throw shapeError(request, {
      path,
      field: undefined,
      expected: 'an object with downloadUrl',
      received: value,
    });
  const link = fieldsOf(request, value, { path, keys: KEYS, structs: NAMES.schema });
  if (link.downloadUrl === undefined) throwMessage(request, fields);
  return {
    downloadUrl: checkLink(request, link.downloadUrl),
    fileName: (link.fileName ?? null) as string | null,
    expiresAt: parseExpiry((link.expiresAt ?? null) as string | null),
  };
}

function checkLink(request: HnaRequest, value: unknown): string {
  const url = typeof value === 'string' && value.length <= MAX_LENGTH ? URL.parse(value) : null;
  const isOpen = url?.protocol === 'http:' && isLoopback(url.hostname) && request.url.startsWith('http:');
  const isSafe = url !== null && url.username === '' && url.password === '';
  if (isSafe && (url.protocol === 'https:' || isOpen)) return url.href;
  throw shapeError(request, {
    ...{
      path: 'downloadUrl',
      field: 'downloadUrl',
      expected: `an https address of at most ${MAX_LENGTH} characters, without user and password`,
    },
    received: value === undefined ? undefined : '[hidden]',
  });
}

// API: .NET writes seven digits of a second. A time without an offset is UTC, as in the official client.
function parseExpiry(value: string | null): Date | null {
  const [, time, offset = 'Z'] =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?)(Z|[+-]\d\d:\d\d)?$/i.exec(value ?? '') ?? [];
  const date = new Date(`${time}${offset}`);
  return time === undefined || Number.isNaN(date.getTime()) ? null : date;
}
