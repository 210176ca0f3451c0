// The error of an answer that breaks the API's contract.
import { type HttpRequest, requestLabel } from '../api-request.ts';
import type { Level } from '../endpoints.ts';
import { DTMAnswerShapeError, type ShapeErrorDetails } from '../errors.ts';
import { showValue } from '../show-value.ts';

/** What is wrong, and where. `path` is the place in the answer, undefined for the answer itself. */
export interface ShapeFault {
  readonly path: string | undefined;
  readonly row?: number | undefined;
  readonly field: string | undefined;
  readonly expected: string;
  readonly received: unknown;
  readonly level?: Level | undefined;
  /** The country of the row, if it is not that of the request. */
  readonly country?: string | undefined;
}

/** Any request whose answer is checked. */
export type CheckedRequest = HttpRequest & { readonly endpoint: ShapeErrorDetails['endpoint'] };

/** The error of an HTTP 200 with this fault. */
export function shapeError(request: CheckedRequest, fault: ShapeFault): DTMAnswerShapeError {
  const { path, row, field, expected, level, country = request.query.country } = fault;
  const received =
    typeof fault.received === 'string'
      ? showValue(request.redact(fault.received))
      : showValue(fault.received);
  const got = received === 'undefined' ? 'nothing: it is missing' : received;
  const message = `${requestLabel(request, country)}: ${path || 'the answer'}: expected ${expected}, got ${got}; nothing of this answer is used`;
  return new DTMAnswerShapeError(message, {
    ...{ url: request.url, status: 200, path: path || undefined },
    ...{ endpoint: request.endpoint, level, country, row, field, expected, received },
  });
}
