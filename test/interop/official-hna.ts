// Sends the same calls with the official HNA client and with ours.
import { DTMHnaApi } from '../../lib/dtm/hna/client.ts';
import type { HnaPageQuery } from '../../lib/dtm/hna/query.ts';
import { type Failure, failureOf, type Row } from './official-client.ts';
import { startPython } from './python-process.ts';

/** The result of a call: rows, a link, bytes in base64, the path of a file, or an error. */
export interface HnaOutcome {
  readonly rows?: readonly Row[];
  readonly link?: { readonly downloadUrl: string; readonly fileName: string; readonly expires_at: string };
  readonly bytes?: string;
  readonly path?: string;
  readonly error?: Failure;
}

/** A call to the service at `url`; times in seconds. */
export interface HnaCall {
  readonly url: string;
  readonly method: 'countries' | 'catalog' | 'page' | 'all' | 'link' | 'download';
  readonly query?: Partial<HnaPageQuery>;
  readonly maxPages?: number;
  readonly filePath?: string;
  /** Null: no key is given. */
  readonly key?: string | null;
  readonly timeout?: number;
  readonly maxRetries?: number;
}

const KEY = 'sample-hna-key';
const RETRY_DELAY = 0.01;

/** The official client in a Python process. */
export interface OfficialHna extends AsyncDisposable {
  ask(call: HnaCall): Promise<HnaOutcome>;
  /** The cells of a workbook (base64), as openpyxl reads them. */
  cells(workbook: string): Promise<readonly (readonly unknown[])[]>;
}

export async function startOfficialHna(): Promise<OfficialHna> {
  const python = await startPython('official_hna.py');
  return {
    ask: async (call) => (await python.send(messageOf(call))) as HnaOutcome,
    cells: async (workbook) => {
      const outcome = (await python.send({ method: 'cells', workbook })) as { rows: unknown[][] };
      return outcome.rows;
    },
    [Symbol.asyncDispose]: () => python[Symbol.asyncDispose](),
  };
}

function messageOf({ url, method, query = {}, maxPages, filePath, ...call }: HnaCall): object {
  const named = Object.entries(query).map(([name, value]) => [
    name.charAt(0).toUpperCase() + name.slice(1),
    value,
  ]);
  return {
    ...{ url, method },
    query: {
      ...Object.fromEntries(named),
      ...(maxPages !== undefined && { max_pages: maxPages }),
      ...(filePath !== undefined && { file_path: filePath }),
    },
    client: {
      subscription_key: call.key === undefined ? KEY : call.key,
      timeout: call.timeout ?? 30,
      max_retries: call.maxRetries ?? 0,
      retry_delay: RETRY_DELAY,
    },
  };
}

/** Sends a call with our client. */
export async function askOursHna(call: HnaCall): Promise<HnaOutcome> {
  const { url, key = KEY, timeout = 30, maxRetries = 0 } = call;
  try {
    using api = new DTMHnaApi({
      subscriptionKey: key ?? undefined,
      ...{ baseUrl: url, timeout, maxRetries, retryDelay: RETRY_DELAY },
    });
    return await METHODS[call.method](api, call);
  } catch (error) {
    return { error: failureOf(error as Error) };
  }
}

const queryOf = ({ query }: HnaCall): HnaPageQuery => query as HnaPageQuery;

const METHODS: Record<HnaCall['method'], (api: DTMHnaApi, call: HnaCall) => Promise<HnaOutcome>> = {
  countries: async (api) => ({ rows: await api.getAllCountries() }),
  catalog: async (api) => ({ rows: await api.getHnaDataCatalog() }),
  page: async (api, call) => ({ rows: (await api.getHnaAdmin2Data(queryOf(call))).rows }),
  all: async (api, call) => ({
    rows: await api.getAllHnaAdmin2Data(queryOf(call), { maxPages: call.maxPages }),
  }),
  link: async (api, call) => {
    const { downloadUrl, fileName, expiresAt } = await api.getHnaDownloadUrl(queryOf(call));
    return { link: { downloadUrl, fileName: fileName ?? '', expires_at: expiresAt?.toISOString() ?? '' } };
  },
  download: async (api, call) => {
    const { filePath } = call;
    if (filePath !== undefined) return { path: await api.downloadHnaData(queryOf(call), { filePath }) };
    return { bytes: Buffer.from(await api.downloadHnaData(queryOf(call))).toString('base64') };
  },
};
