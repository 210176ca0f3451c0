// The client of the HNA service (humanitarian needs assessments). It shares keys, attempts, bounds and errors with the client
// of the displacement API, and nothing else: it has a key of its own.

import type { CallOptions } from '../api-request.ts';
import { DTMApiError } from '../errors.ts';
import { type ClientContext, exchange } from '../http/attempts.ts';
import { statusError } from '../http/statuses.ts';
import { createTransport, type Transport } from '../http/transport.ts';
import { createKeyRing } from '../key-ring.ts';
import {
  checkCallBytes,
  checkKeys,
  checkOptions,
  checkProxyEnv,
  checkVersion,
  type DTMApiOptions,
} from '../options.ts';
import { collectPages, type FetchedPage } from './all-pages.ts';
import { HNA_PATHS, HNA_VERSIONS, type HnaVersion } from './endpoints.ts';
import { fetchFile } from './fetch-file.ts';
import type { HnaRequest } from './hna-request.ts';
import { type HnaDownloadLink, readLink } from './link.ts';
import { checkHnaQuery, checkMaxPages, type HnaPageQuery, type HnaQuery } from './query.ts';
import { type HnaRows, readRows, readWholeList } from './read-rows.ts';
import type { HnaRecord } from './records.ts';
import { hideQueries } from './redact-link.ts';
import { findTarget, saveFile } from './save-file.ts';

/** Options of a client: those of `DTMApi`, with the key and the version of the HNA service. */
export interface DTMHnaApiOptions extends Omit<DTMApiOptions, 'apiVersion' | 'subscriptionKey'> {
  /** The key of the HNA service. The key of the displacement API does not work here. Required. */
  readonly subscriptionKey: string | undefined;
  /** Version of the HNA service. @default 'v1' */
  readonly apiVersion?: HnaVersion | undefined;
}

/** One page of rows. */
export interface HnaPage extends HnaRows {
  /** Number of the page, from 1. */
  readonly page: number;
}

/** Options of `getAllHnaAdmin2Data`. */
export interface AllPagesOptions extends CallOptions {
  /** Largest number of pages. If there are more, the call fails: it never returns a part. @default 100 */
  readonly maxPages?: number | undefined;
}

/** Options of `downloadHnaData`. */
export interface DownloadOptions extends CallOptions {
  /** Where to write the file: its path, or a folder, in which it gets the API's name. @default the bytes are returned */
  readonly filePath?: string | undefined;
  /** Largest file in bytes. The client's `maxBytes` applies as well: the smaller one wins. */
  readonly maxBytes?: number | undefined;
}

/**
 * A client of the HNA service. Several calls may run at the same time. `close` drops idle connections.
 * A call throws ValidationError before its request is sent, and DTMApiError (`service` is `hna`) or the signal's reason
 * after that.
 */
export class DTMHnaApi {
  readonly apiVersion: HnaVersion;
  readonly baseUrl: string;
  readonly #context: ClientContext;
  /** Files are on other hosts, over https even if the API is on loopback. */
  readonly #fileTransport: Transport;

  /**
   * @throws {DTMApiVersionError} for a version other than v1
   * @throws {DTMAuthenticationError} without a key
   * @throws {ValidationError} if another option is invalid
   */
  constructor(options: DTMHnaApiOptions) {
    const rawOptions: Readonly<Record<string, unknown>> = { ...options };
    try {
      this.apiVersion = checkVersion(rawOptions.apiVersion, HNA_VERSIONS);
      const { primary, secondary } = checkKeys(rawOptions, 'DTM HNA API');
      const settings = checkOptions(rawOptions);
      checkProxyEnv(settings.proxyEnv, new URL('https://files.invalid'));
      this.baseUrl = settings.baseUrl.href.replace(/\/+$/, '');
      const secure = settings.baseUrl.protocol === 'https:';
      const transport = createTransport({ ...settings, secure });
      this.#fileTransport = secure ? transport : createTransport({ ...settings, secure: true });
      this.#context = { settings, transport, keys: createKeyRing(primary, secondary) };
    } catch (error) {
      throw ofHna(error);
    }
  }

  /** All countries that have HNA figures. */
  async getAllCountries(options: CallOptions = {}): Promise<HnaRecord[]> {
    return this.#list('hna-countries', options);
  }

  /** The catalogue: a row for every column of the figures. */
  async getHnaDataCatalog(options: CallOptions = {}): Promise<HnaRecord[]> {
    return this.#list('hna-catalog', options);
  }

  /** One page of figures by second subdivision. */
  async getHnaAdmin2Data(query: HnaPageQuery, options: CallOptions = {}): Promise<HnaPage> {
    const { rows, hasNextPage, pagination } = await this.#page(query, options);
    return { rows, page: query.page ?? 1, hasNextPage, pagination };
  }

  /** All figures by second subdivision: the rows of all pages, or an error. Each page is a call with its own retries. */
  async getAllHnaAdmin2Data(query: HnaQuery, options: AllPagesOptions = {}): Promise<HnaRecord[]> {
    checkHnaQuery(query, false);
    const maxPages = checkMaxPages(options.maxPages);
    const { maxBytes } = this.#context.settings;
    const pages = collectPages((page) => this.#page({ ...query, page }, options), { maxPages, maxBytes });
    return pages.catch((error: unknown) => {
      throw ofHna(error);
    });
  }

  /** Asks the API to prepare a file, and returns a link to it. The link holds a token: do not log it. */
  async getHnaDownloadUrl(query: HnaQuery, options: CallOptions = {}): Promise<HnaDownloadLink> {
    const request = this.#request('hna-download', checkHnaQuery(query, false));
    return this.#call(request, options, (body) => readLink(request, body));
  }

  /**
   * Downloads the file of a country and year. With `filePath` it is written, and its path is returned; else its bytes.
   * @throws {DTMFileError} if it cannot be written
   */
  async downloadHnaData(query: HnaQuery, options: DownloadOptions & { filePath: string }): Promise<string>;
  async downloadHnaData(
    query: HnaQuery,
    options?: DownloadOptions & { filePath?: undefined },
  ): Promise<Uint8Array>;
  async downloadHnaData(query: HnaQuery, options: DownloadOptions = {}): Promise<string | Uint8Array> {
    checkHnaQuery(query, false);
    const maxBytes = checkCallBytes(options.maxBytes, this.#context.settings.maxBytes);
    const target = options.filePath === undefined ? undefined : await findTarget(options.filePath);
    const link = await this.getHnaDownloadUrl(query, options);
    const bytes = await this.#file(link, query.admin0Pcode, { ...options, maxBytes });
    if (target === undefined) return bytes;
    const signal = this.#signal(options);
    return saveFile(target, bytes, { fileName: link.fileName, signal });
  }

  /** Closes idle connections. The client can still be used. */
  close(): void {
    this.#context.transport.close();
    this.#fileTransport.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #list(endpoint: 'hna-countries' | 'hna-catalog', options: CallOptions): Promise<HnaRecord[]> {
    const request = this.#request(endpoint, new URLSearchParams());
    const { rows } = await this.#call(request, options, (body) => readWholeList(request, body));
    return rows;
  }

  async #page(query: HnaPageQuery, options: CallOptions): Promise<FetchedPage> {
    const request = this.#request('hna-admin2', checkHnaQuery(query, true));
    return this.#call(request, options, (body) => ({
      ...readRows(request, body),
      request,
      bytes: body.length,
    }));
  }

  async #call<T extends object>(
    request: HnaRequest,
    options: CallOptions,
    readBody: (body: Uint8Array) => T,
  ): Promise<T> {
    const { country, page } = request.query;
    const answer = exchange(this.#context, {
      request,
      logFields: { endpoint: request.endpoint, level: undefined, country, page },
      maxBytes: this.#context.settings.maxBytes,
      signal: this.#signal(options),
      read: (reply, { attempts, seconds }) => {
        const error = statusError(reply, request);
        if (error !== undefined) throw error;
        const content = readBody(reply.body);
        return { content, status: reply.status, attempt: attempts, bytes: reply.body.length, seconds };
      },
      describe: ({ content, ...fields }) => ({
        ...fields,
        ...('rows' in content && Array.isArray(content.rows) && { rows: content.rows.length }),
      }),
    });
    return answer.then(
      ({ content }) => content,
      (error: unknown) => {
        throw ofHna(error);
      },
    );
  }

  #file(
    link: HnaDownloadLink,
    country: string,
    { maxBytes, ...options }: CallOptions & { maxBytes: number },
  ): Promise<Uint8Array> {
    const { settings, transport } = this.#context;
    const isSecure = link.downloadUrl.startsWith('https:');
    const context = { settings, transport: isSecure ? this.#fileTransport : transport };
    const fetched = fetchFile(context, link, { country, maxBytes, signal: this.#signal(options) });
    return fetched.catch((error: unknown) => {
      throw ofHna(error);
    });
  }

  #request(endpoint: keyof typeof HNA_PATHS, params: URLSearchParams): HnaRequest {
    const search = params.size > 0 ? `?${params}` : '';
    const { redact } = this.#context.keys;
    const page = params.get('Page');
    return {
      endpoint,
      query: {
        country: params.get('Admin0Pcode') ?? undefined,
        operation: undefined,
        ...(page !== null && { page: Number(page) }),
      },
      url: `${this.baseUrl}${HNA_PATHS[endpoint]}${search}`,
      redact: (text) => hideQueries(redact(text)),
    };
  }

  #signal({ signal }: CallOptions): AbortSignal | undefined {
    const signals = [this.#context.settings.signal, signal].filter((each) => each !== undefined);
    return signals.length > 1 ? AbortSignal.any(signals) : signals[0];
  }
}

/** Marks an error as one of the HNA service. */
function ofHna(error: unknown): unknown {
  if (error instanceof DTMApiError) error.service = 'hna';
  return error;
}
