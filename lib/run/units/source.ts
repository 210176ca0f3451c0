// All answers of a run come from one source: the address, the API version and `synthetic` of its plan. An answer from
// another source ends the run, because readers could not tell its rows from the others.
import type { ApiVersion } from '../../dtm/endpoints.ts';

/** The API that a run requests. */
export interface Source {
  /** The base URL, as the release names it. */
  readonly url: string;
  readonly apiVersion: ApiVersion;
  /** Whether its figures are invented. Undefined until the first answer tells. */
  readonly synthetic?: boolean | undefined;
}

/** The source as plans and unit reports record it. */
export interface SourceRecord {
  readonly source_url: string;
  readonly api_version: ApiVersion;
  readonly synthetic: boolean;
}

/** An answer came from another source than the plan. Nothing of the run is published. */
export class MixedSourceError extends Error {
  override readonly name = 'MixedSourceError';
}

/** Describes the first difference between an answer's source and the plan's. Null if they are the same. */
export function sourceDifference(plan: SourceRecord, received: Partial<SourceRecord>): string | null {
  const pairs = [
    ['the address', plan.source_url, received.source_url],
    ['the API version', plan.api_version, received.api_version],
    [
      'figures that are',
      realOrInvented(plan.synthetic),
      received.synthetic === undefined ? undefined : realOrInvented(received.synthetic),
    ],
  ] as const;
  const mismatch = pairs.find(([, planned, found]) => found !== undefined && found !== planned);
  return mismatch ? `${mismatch[0]} ${mismatch[1]}, not ${mismatch[2]}` : null;
}

/** Checks that a unit's answer is from the plan's source. @throws {MixedSourceError} naming the unit and the difference */
export function checkSource(
  plan: SourceRecord & { readonly run: string },
  unit: string,
  received: Partial<SourceRecord>,
): void {
  const difference = sourceDifference(plan, received);
  if (!difference) return;
  throw new MixedSourceError(
    `${unit}: run ${plan.run} was planned with ${difference}: a run belongs to one source, so nothing of it is published; check DTMAPI_URL and what lies between, then start a new run`,
  );
}

const realOrInvented = (synthetic: boolean): string => (synthetic ? 'invented' : 'real');
