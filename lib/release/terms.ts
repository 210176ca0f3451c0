// The identity of a dataset and its terms of use, which every release states. The first release of a prefix fixes the
// identity.
import type { ApiVersion } from '../dtm/endpoints.ts';
import { SCHEMA_VERSION } from '../table/schema.ts';

/** Terms that the operator sets in the environment. */
export interface Terms {
  readonly licence: string;
  readonly visibility: 'private' | 'public';
  readonly contact: string | null;
}

/** Values that are the same in all releases of one prefix. */
export interface Identity {
  readonly dataset: string;
  readonly api_version: ApiVersion;
  readonly synthetic: boolean;
  readonly visibility: 'private' | 'public';
}

export const datasetName = (version: ApiVersion): string => (version === 'v3' ? 'dtm-idp' : 'dtm-idp-v2');

/** API: the credit line that IOM asks for. Invented figures must not be credited to IOM. */
export const creditOf = (synthetic: boolean): string =>
  synthetic
    ? "Source: dtm-exporter's simulator. Invented figures, not IOM data"
    : 'Source: International Organization for Migration (IOM), Displacement Tracking Matrix (DTM)';

/** The citation of a release in one sentence, with its address if readers can reach it. */
export function citationOf(identity: Identity, release: string, address: string | null): string {
  const source = creditOf(identity.synthetic).replace('Source: ', '');
  const sentence = `${source}: internally displaced persons, dataset ${identity.dataset}, release ${release}.`;
  return address === null ? sentence : `${sentence} ${address}`;
}

/** Key-values of every Parquet footer. They hold no release, run or time, so equal rows give equal bytes. */
export function footerKeyValues(identity: Identity, licence: string): Map<string, string> {
  return new Map([
    ['dataset', identity.dataset],
    ['schema_version', SCHEMA_VERSION],
    ['licence', licence],
    ['credit', creditOf(identity.synthetic)],
  ]);
}

/**
 * The first difference between the dataset of a prefix and that of a run, as a message; null if there is none.
 * A prefix holds one dataset: v2 is never mixed with v3, and invented figures are never mixed with real ones.
 */
export function identityDifference(existing: Identity, proposed: Identity): string | null {
  const keys = ['dataset', 'api_version', 'synthetic', 'visibility'] as const;
  const key = keys.find((name) => existing[name] !== proposed[name]);
  if (!key) return null;
  return `the prefix holds ${key} ${existing[key]}, this run would bring ${key} ${proposed[key]}; export into another folder or prefix`;
}
