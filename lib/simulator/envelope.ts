// The API's envelope and the texts of its refusals, and the gateway's bodies, as observed.

import type { Row } from './world/rows.ts';

/** What every read endpoint answers with, keys in this order. */
export interface Envelope {
  result: readonly Row[];
  statusCode: number;
  isSuccess: boolean;
  errorMessages: string[];
  totalRecordsCount: number;
}

/** Texts of the API, and of the gateway in front of it. */
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

/** An answer with those rows; without any the API says so and calls it a success. */
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

/** The gateway's own shape of an error. */
export const gatewayError = (statusCode: number, message: string) => ({ statusCode, message });

/** A page as the web application firewall shows it. */
export function page(title: string, text: string): string {
  return `<!DOCTYPE html>\n<html><head><title>${title}</title></head><body><h1>${title}</h1><p>${text}</p></body></html>\n`;
}
