// Records CloudWatch metrics. All names are here: the alarms and the dashboard in `infra/` use them.
import type { Metrics } from '@aws-lambda-powertools/metrics';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { RunMetrics } from '../run/outcome/metrics.ts';

export const NAMESPACE = 'DtmExporter';

/** The metrics of an ended run with their units. The only dimension is `service`. */
export const METRICS = {
  UnitsOk: MetricUnit.Count,
  UnitsEmpty: MetricUnit.Count,
  UnitsFailed: MetricUnit.Count,
  UnitsCarried: MetricUnit.Count,
  UnitsKept: MetricUnit.Count,
  Rows: MetricUnit.Count,
  Bytes: MetricUnit.Bytes,
  Seconds: MetricUnit.Seconds,
  /** CloudWatch has no unit for hours. */
  ReleaseAgeHours: MetricUnit.NoUnit,
  SchemaDrift: MetricUnit.Count,
  /** Days since the oldest last answer of any unit. */
  OldestAnswerDays: MetricUnit.NoUnit,
  /** 1 for published or unchanged, else 0. */
  SuccessfulChecks: MetricUnit.Count,
  /** 1 for refused or an error, else 0. */
  FailedChecks: MetricUnit.Count,
  /** Failed steps after the outcome was decided: list, page, feed, announcement, status, pruning. */
  UnfinishedSteps: MetricUnit.Count,
} as const;

/** Adds the metrics of a run to those that the function writes at its end. Null values are left out. */
export function recordRunMetrics(metrics: Metrics, runMetrics: RunMetrics): void {
  const { units, rows, bytes, seconds, releaseAgeHours, drift, isSuccessful } = runMetrics;
  const { oldestAnswerDays } = runMetrics;
  const values: Record<Exclude<keyof typeof METRICS, 'UnfinishedSteps'>, number | null> = {
    UnitsOk: units.ok,
    UnitsEmpty: units.empty,
    UnitsFailed: units.failed,
    UnitsCarried: units.carried,
    UnitsKept: units.kept,
    Rows: rows,
    Bytes: bytes,
    Seconds: seconds,
    ReleaseAgeHours: releaseAgeHours,
    SchemaDrift: drift,
    OldestAnswerDays: oldestAnswerDays,
    SuccessfulChecks: Number(isSuccessful),
    FailedChecks: Number(!isSuccessful),
  };
  for (const name of Object.keys(values) as (keyof typeof values)[]) {
    const value = values[name];
    if (value !== null) metrics.addMetric(name, METRICS[name], value);
  }
}

/** Records the number of steps that the run left to the next one. */
export const recordUnfinished = (metrics: Metrics, steps: readonly string[]): void => {
  metrics.addMetric('UnfinishedSteps', METRICS.UnfinishedSteps, steps.length);
};

/** Records a check that ended with an error. */
export const recordFailedCheck = (metrics: Metrics): void => {
  metrics.addMetric('FailedChecks', METRICS.FailedChecks, 1);
};
