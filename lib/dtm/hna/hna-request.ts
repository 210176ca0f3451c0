import type { HttpRequest } from '../api-request.ts';
import type { HnaEndpoint } from './endpoints.ts';

/** One request to the HNA service, or for a file that it links to. */
export interface HnaRequest extends HttpRequest {
  readonly endpoint: HnaEndpoint;
}
