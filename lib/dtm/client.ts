// The client of the DTM API: what the official client does in Python, in TypeScript. Keys and settings are private fields:
// a client that is printed, inspected or serialised shows its version and address only.
import type { RawAnswer } from './answers/read-answer.ts';
import type { RowOf } from './answers/row-structs.ts';
import { type ApiRequest, type AskOptions, type CallOptions, requestLabel } from './api-request.ts';
import { call } from './call.ts';
import { API_VERSIONS, type ApiVersion, type Endpoint, PATHS } from './endpoints.ts';
import { DTMUnknownCountryError } from './errors.ts';
import type { ClientContext } from './http/attempts.ts';
import { createTransport } from './http/transport.ts';
import { createKeyRing } from './key-ring.ts';
import { checkCallBytes, checkKeys, checkOptions, checkVersion, type DTMApiOptions } from './options.ts';
import { type Admin0Query, type Admin1Query, type Admin2Query, checkQuery, type QueryOf } from './query.ts';

/**
 * A client of the DTM API, in version 3 or 2. Several calls may run at the same time. `close` drops idle connections.
 * A call throws ValidationError before its request is sent, and DTMApiError or the signal's reason after that.
 */
export class DTMApi<V extends ApiVersion = 'v3'> {
  readonly apiVersion: V;
  readonly baseUrl: string;
  readonly #context: ClientContext;

  /**
   * @throws {DTMApiVersionError} for a version other than v2 and v3
   * @throws {DTMAuthenticationError} without a key
   * @throws {ValidationError} if another option is invalid
   */
  constructor(options: DTMApiOptions<V>) {
    const rawOptions: Readonly<Record<string, unknown>> = { ...options };
    this.apiVersion = checkVersion(rawOptions.apiVersion, API_VERSIONS) as V;
    const { primary, secondary } = checkKeys(rawOptions);
    const settings = checkOptions(rawOptions);
    this.baseUrl = settings.baseUrl.href.replace(/\/+$/, '');
    const secure = settings.baseUrl.protocol === 'https:';
    const transport = createTransport({ ...settings, secure });
    this.#context = { settings, transport, keys: createKeyRing(primary, secondary) };
  }

  /** All countries that the API has figures for. */
  getAllCountries(options?: CallOptions): Promise<RowOf<V, 'countries'>[]> {
    return this.#rows('countries', {}, options);
  }

  /** All operations, with their status. */
  getAllOperations(options?: CallOptions): Promise<RowOf<V, 'operations'>[]> {
    return this.#rows('operations', {}, options);
  }

  /** People displaced within a country, counted for the whole country. The array is empty if there are no rows. */
  getIdpAdmin0Data(query: Admin0Query, options?: CallOptions): Promise<RowOf<V, 'admin0'>[]> {
    return this.#rows('admin0', query, options);
  }

  /** The same people, by first subdivision. */
  getIdpAdmin1Data(query: Admin1Query, options?: CallOptions): Promise<RowOf<V, 'admin1'>[]> {
    return this.#rows('admin1', query, options);
  }

  /** The same people, by second subdivision. */
  getIdpAdmin2Data(query: Admin2Query, options?: CallOptions): Promise<RowOf<V, 'admin2'>[]> {
    return this.#rows('admin2', query, options);
  }

  /**
   * The low-level call: returns the answer with its bytes, attempts and times. An unknown country is an outcome, not an
   * error.
   */
  async ask<E extends Endpoint>(
    endpoint: E,
    query?: QueryOf<E>,
    options: AskOptions = {},
  ): Promise<RawAnswer<RowOf<V, E>>> {
    const request = this.#apiRequest(endpoint, query);
    const signals = [this.#context.settings.signal, options.signal].filter((signal) => signal !== undefined);
    const signal = signals.length > 1 ? AbortSignal.any(signals) : signals[0];
    const maxBytes = checkCallBytes(options.maxBytes, this.#context.settings.maxBytes);
    const answer = await call(this.#context, request, { signal, maxBytes, knownSha256: options.knownSha256 });
    // The cast is safe: readAnswer has checked every field against the endpoint's structs.
    return answer as unknown as RawAnswer<RowOf<V, E>>;
  }

  /** Closes idle connections. The client can still be used. */
  close(): void {
    this.#context.transport.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #rows<E extends Endpoint>(
    endpoint: E,
    query: QueryOf<E>,
    options?: CallOptions,
  ): Promise<RowOf<V, E>[]> {
    const { outcome, rows, envelope, attempts, seconds, status, url } = await this.ask(endpoint, query, {
      signal: options?.signal,
    });
    if (outcome !== 'unknown-country') return [...rows];
    const { redact } = this.#context.keys;
    const errorMessages = envelope.errorMessages.map(redact);
    const message = `${requestLabel(this.#apiRequest(endpoint, query))}: the API does not know this country: ${errorMessages.join(' ')}`;
    throw new DTMUnknownCountryError(message, { url, status, attempts, elapsed: seconds, errorMessages });
  }

  #apiRequest(endpoint: Endpoint, query: unknown): ApiRequest {
    const checked = checkQuery(endpoint, query);
    const search = checked.params.size > 0 ? `?${checked.params}` : '';
    const url = `${this.baseUrl}${PATHS[this.apiVersion][endpoint]}${search}`;
    return { version: this.apiVersion, endpoint, query: checked, url, redact: this.#context.keys.redact };
  }
}
