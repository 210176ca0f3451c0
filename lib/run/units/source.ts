// A run has one source: what its plan says of address, API version and invented figures holds for every answer. One that
// comes from elsewhere ends the run, since nobody could tell its rows from the others once they are published.
import type { ApiVersion } from '../../dtm/endpoints.ts';

/** Where a run's answers come from. */
export interface Source {
  /** The API's base URL, as the release names it. */
  readonly url: string;
  readonly apiVersion: ApiVersion;
  /** Whether its figures are invented; undefined until the first answer says so. */
  readonly synthetic?: boolean | undefined;
}

/** The same as a plan and a unit's report say it. */
export interface SourceRecord {
  readonly source_url: string;
  readonly api_version: ApiVersion;
  readonly synthetic: boolean;
}

/** An answer comes from another source than the run's other answers: nothing of the run may be published. */
export class MixedSourceError extends Error {
  override readonly name = 'MixedSourceError';
}

/** The first way in which an answer's source is not the plan's, in words; null if it is the same. */
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
  const other = pairs.find(([, planned, now]) => now !== undefined && now !== planned);
  return other ? `${other[0]} ${other[1]}, not ${other[2]}` : null;
}

/** Passes what came for a unit from the plan's source. @throws {MixedSourceError} naming the unit and the difference */
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
