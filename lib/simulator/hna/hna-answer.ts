// The answers of the HNA service. Form of the levels, of the pagination and of the link: as the official client describes
// them. The texts of refusals and the other keys are guesses: no real answer was recorded.
import { API_MESSAGES, refusal, success } from '../envelope.ts';
import type { Fault } from '../faults.ts';
import type { Query } from '../query.ts';
import { json, type Reply } from '../reply.ts';
import { hash } from '../world/random.ts';
import type { Row } from '../world/rows.ts';
import { CATALOG, type HnaRow, type HnaWorld } from './hna-world.ts';
import { levels } from './levels.ts';
import { FILE_PATH, type HnaTarget } from './targets.ts';
import { workbookOf } from './workbook.ts';

/** A request, as far as its answer depends on it. */
export interface HnaQuestion {
  readonly target: HnaTarget;
  readonly query: Query;
  /** Host and port that the client asked. Links lead there. */
  readonly host: string;
  /** A fault of the rows or pages. */
  readonly fault: Fault | null;
}

const PAGE_SIZE = 20;
const LINK_MINUTES = 10;

/** The reply to a request of the HNA service or for one of its files. */
export function hnaReply(world: HnaWorld, question: HnaQuestion): Reply {
  const { target, query, fault } = question;
  if (target.endpoint === 'hna-file') return fileReply(world, query);
  if (target.endpoint === 'hna-countries') {
    const rows = world.countries.map(({ name, iso3 }) => ({ admin0Name: name, admin0Pcode: iso3 }));
    return json(200, success(corrupted(rows, fault) as readonly Row[]));
  }
  if (target.endpoint === 'hna-catalog') return json(200, levels(corrupted(CATALOG, fault)));
  const problem = problemOf(world, query);
  if (problem !== null) return json(200, levels(null, problem));
  if (target.endpoint === 'hna-download') return json(200, linkOf(world, question));
  return json(200, levels(pageOf(matching(world, query), Number(query.Page ?? 1), fault)));
}

/** Why the service refuses a query. Null if it accepts it. */
function problemOf(world: HnaWorld, query: Query): string | null {
  const { Admin0Pcode, Year, Admin0Name, Page = '1' } = query;
  if (!Admin0Pcode || !/^\d{4}$/.test(Year ?? '')) return 'Please provide the Admin0 Pcode and the Year';
  const country = world.countries.find(({ iso3 }) => iso3 === Admin0Pcode);
  if (!country) return API_MESSAGES.unknownCode;
  if (Admin0Name !== undefined && Admin0Name !== country.name) return API_MESSAGES.unknownName;
  return /^[1-9]\d{0,8}$/.test(Page) ? null : 'Invalid Page. Please provide an integer from 1.';
}

function matching(world: HnaWorld, { Admin0Pcode = '', Year, PopulationGroup }: Query): readonly HnaRow[] {
  const groups = PopulationGroup?.split(',').map((group) => group.trim());
  const rows = world.rows(Admin0Pcode, Number(Year));
  return rows.filter((row) => !groups || groups.includes(String(row.m2788_loc_assessment_strata)));
}

/** A page of the rows. `endless-pages` starts again from the first row, and gives every row a number. */
function pageOf(rows: readonly HnaRow[], asked: number, fault: Fault | null) {
  const kind = fault?.stage === 'pages' ? fault.kind : null;
  const page = kind === 'same-page' ? 1 : asked;
  const last = Math.ceil(rows.length / PAGE_SIZE);
  const isEndless = kind === 'endless-pages' && last > 0;
  const start = (isEndless ? (page - 1) % last : page - 1) * PAGE_SIZE;
  const part = rows.slice(start, start + PAGE_SIZE);
  const data = isEndless ? part.map((row) => ({ ...row, sim_page: page })) : corrupted(part, fault);
  const hasNextPage = isEndless || kind === 'same-page' || page < last;
  const pagination = { currentPage: page, pageSize: PAGE_SIZE, totalPages: last, hasNextPage };
  return kind === 'no-pagination' ? { data } : { data, pagination };
}

/** Applies a fault of the rows. `type` and `missing` change the middle row, `extra` all rows. */
function corrupted(rows: readonly HnaRow[], fault: Fault | null): readonly HnaRow[] {
  if (fault?.stage !== 'rows') return rows;
  if (fault.kind === 'extra') return rows.map((row) => ({ ...row, [fault.value ?? 'sim_extra']: 'more' }));
  const change = (row: HnaRow): HnaRow => {
    const field = fault.value ?? Object.keys(row)[0] ?? '';
    if (fault.kind === 'type') return { ...row, [field]: [row[field]] as never };
    if (fault.kind !== 'missing') return row;
    return Object.fromEntries(Object.entries(row).filter(([name]) => name !== field));
  };
  return rows.map((row, i) => (i === rows.length >> 1 ? change(row) : row));
}

const FILE_PARAMETERS = ['Admin0Pcode', 'Year', 'PopulationGroup', 'se'];

/** The signature of a link: it depends on everything that the link says. */
const signatureOf = (world: HnaWorld, query: Query) =>
  hash(JSON.stringify([world.seed, ...FILE_PARAMETERS.map((name) => query[name] ?? '')])).toString(36);

function linkOf(world: HnaWorld, { query, host }: HnaQuestion) {
  if (matching(world, query).length === 0) return refusal(API_MESSAGES.noData);
  const expiresAt = new Date(Date.now() + LINK_MINUTES * 60_000);
  const file: Query = { ...query, se: expiresAt.toISOString() };
  const link = new URL(FILE_PATH, `http://${host}`);
  for (const name of FILE_PARAMETERS) if (file[name] !== undefined) link.searchParams.set(name, file[name]);
  link.searchParams.set('sig', signatureOf(world, file));
  const made = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
  return {
    downloadUrl: link.href,
    fileName: `Report_${query.Admin0Pcode}_${query.Year}__${made}.xlsx`,
    // .NET writes seven digits of a second.
    expiresAt: expiresAt.toISOString().replace('Z', '0000+00:00'),
  };
}

function fileReply(world: HnaWorld, query: Query): Reply {
  const isValid = query.sig === signatureOf(world, query) && Date.parse(query.se ?? '') > Date.now();
  const columns = CATALOG.map((row) => String(row.indicator_name));
  return isValid
    ? {
        status: 200,
        headers: { 'Content-Type': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet' },
        body: workbookOf(columns, matching(world, query)),
      }
    : {
        status: 403,
        headers: { 'Content-Type': 'application/xml' },
        body: new TextEncoder().encode(
          '<?xml version="1.0"?><Error><Code>AuthenticationFailed</Code></Error>',
        ),
      };
}
