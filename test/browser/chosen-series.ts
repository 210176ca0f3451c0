// Which count stands for a country on the map, in SQL: a second implementation of the page's rule.
import { duckdb } from '../setting.ts';
import type { ServedFiles } from './serve-sample.ts';

/**
 * The rule of the page in SQL: of each country's series the one with the most people at its newest count, of those that were
 * not overdue today; if all were, the newest. Only series `where` are chosen from.
 */
export const chosenSeries = ({ table }: ServedFiles, where = 'true') => {
  const series = 'admin0_pcode, operation, assessment_type';
  return duckdb(`WITH counts AS (SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY ${series}
      ORDER BY reporting_date DESC, round_number DESC, level) AS place FROM ${table('snapshots')}) WHERE place = 1),
    gaps AS (SELECT ${series}, level, days_since_previous AS days, row_number() OVER (PARTITION BY ${series}, level ORDER BY days_since_previous) AS place,
      count(*) OVER (PARTITION BY ${series}, level) AS n FROM ${table('snapshots')} WHERE days_since_previous > 0),
    usual AS (SELECT *, row_number() OVER (PARTITION BY ${series} ORDER BY n DESC, level) AS choice FROM gaps WHERE 2 * place IN (n, n + 1)),
    states AS (SELECT counts.*, current_date - reporting_date <= coalesce(2 * days, 365) AS is_on_time,
      CASE WHEN is_on_time THEN 'on time' WHEN days IS NULL THEN 'counted once' ELSE 'overdue' END AS timeliness
      FROM counts LEFT JOIN (SELECT * FROM usual WHERE choice = 1) USING (${series}) WHERE ${where})
    SELECT admin0_pcode AS code, admin0_name AS name, operation, assessment_type AS type, idps, is_on_time, timeliness,
      CAST(reporting_date AS VARCHAR) AS date, round_number AS round, level FROM (
      SELECT *, row_number() OVER (PARTITION BY admin0_pcode ORDER BY is_on_time DESC,
        CASE WHEN is_on_time THEN idps END DESC NULLS LAST, reporting_date DESC, idps DESC) AS choice FROM states) WHERE choice = 1
    ORDER BY idps DESC, name`);
};
