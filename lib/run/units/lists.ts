// Fetches the API's two lists, of countries and of operations, from which a run is planned.
import { DTMApiResponseError } from '../../dtm/errors.ts';
import { ConfigurationError } from '../../environment/configuration.ts';
import type { ListedCountry } from '../../make/list-tables.ts';
import { clockFault } from '../../release/clocks.ts';
import type { ListedOperation } from '../../table/complete.ts';
import type { ApiContext } from '../context.ts';
import { MixedSourceError } from './source.ts';

export type Lists = Awaited<ReturnType<typeof fetchLists>>;

/**
 * Fetches the lists.
 * @throws {DTMApiError} if a list cannot be fetched or is empty; {ConfigurationError} if this machine's clock differs from
 * the server's; {MixedSourceError} if only one of the lists is of invented figures
 */
export async function fetchLists({ api, signal }: ApiContext) {
  const options = signal ? { signal } : {};
  const countries = await api.ask('countries', {}, options);
  const operations = await api.ask('operations', {}, options);
  for (const [name, { rows, url }] of Object.entries({ countries, operations })) {
    if (rows.length === 0)
      throw new DTMApiResponseError(`${url}: the list of ${name} is empty: nothing can be planned`, { url });
  }
  const fault = clockFault(countries.receivedAt, countries.serverDate);
  if (fault) throw new ConfigurationError(fault);
  if (countries.synthetic !== operations.synthetic)
    throw new MixedSourceError(
      'of the two lists one has real figures and the other invented ones: the address answers with two APIs; check DTMAPI_URL and what lies between',
    );
  return {
    countries: countries.rows as readonly ListedCountry[],
    operations: operations.rows as readonly ListedOperation[],
    sha256: { countries: countries.sha256, operations: operations.sha256 },
    synthetic: countries.synthetic,
  };
}
