// The API's envelope, the texts of its refusals, and the gateway's error bodies, as observed.
import type { Row } from './world/rows.ts';

/** The answer of every endpoint. The keys are in this order. */
export interface Envelope {
  result: readonly Row[];
  statusCode: number;
  isSuccess: boolean;
  errorMessages: string[];
  totalRecordsCount: number;
}

/** Messages of the API, and of the gateway in front of it. */
export const API_MESSAGES = {
  noData: 'No matching data found.',
  unknownCode: 'No Country Code found matching your query.',
  unknownName: 'No Country found matching your query.',
  noSelector: 'Please provide either the Country Name, Admin0 Pcode or Operation',
  noKey:
    'Access denied due to missing subscription key. Make sure to include subscription key when making requests to an API.',
  badKey:
    'Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription.',
  notFound: 'Resource not found',
} as const;

/** An answer with these rows. API: an answer without rows is a success with `statusCode` 204 and a message. */
export function success(result: readonly Row[]): Envelope {
  const empty = result.length === 0;
  return {
    result,
    statusCode: empty ? 204 : 200,
    isSuccess: true,
    errorMessages: empty ? [API_MESSAGES.noData] : [],
    totalRecordsCount: result.length,
  };
}

/** A refusal: HTTP 200, no rows, `isSuccess` false. */
export function refusal(message: string, statusCode = 204): Envelope {
  return { result: [], statusCode, isSuccess: false, errorMessages: [message], totalRecordsCount: 0 };
}

/** The error body of the gateway. */
export const gatewayError = (statusCode: number, message: string) => ({ statusCode, message });

/** An HTML page like the one of the web application firewall. */
export function page(title: string, text: string): string {
  return `<!DOCTYPE html>\n<html><head><title>${title}</title></head><body><h1>${title}</h1><p>${text}</p></body></html>\n`;
}
