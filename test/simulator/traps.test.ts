// The traps of docs/traps.md, by their numbers. The world contains every one of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Row } from '../../lib/simulator/world/rows.ts';
import { createWorld, NO_CHANGES } from '../../lib/simulator/world/world.ts';
import { allRows, grouped, keyOf, SNAPSHOT } from './world-rows.ts';

const SCALE = 0.05;
const world = createWorld(1, SCALE);
const [admin0, admin1, admin2] = [allRows(1, SCALE, 0), allRows(1, SCALE, 1), allRows(1, SCALE, 2)];
const list = world.operationList();

const of = (rows: readonly Row[], iso3: string) => rows.filter((row) => row.admin0Pcode === iso3);
const distinct = (rows: readonly Row[], field: string) => new Set(rows.map((row) => row[field]));
const people = (rows: readonly Row[]) => rows.reduce((sum, row) => sum + Number(row.numPresentIdpInd), 0);
const share = (rows: readonly Row[], condition: (row: Row) => boolean) =>
  rows.filter(condition).length / rows.length;

/** Groups of rows that differ in one field of the snapshot only, and have several values of it. */
function severalOf(rows: readonly Row[], field: string): Row[][] {
  const others = SNAPSHOT.filter((key) => key !== field);
  return [...grouped(rows, others).values()].filter((group) => distinct(group, field).size > 1);
}

const TRAPS: readonly (readonly [title: string, present: () => boolean])[] = [
  [
    '1 a sum over dates is more than three times the largest snapshot',
    () => {
      const rows = of(admin0, 'UKR');
      const snapshots = [...grouped(rows, SNAPSHOT).values()].map(people);
      return people(rows) > 3 * Math.max(...snapshots);
    },
  ],
  [
    '2 a snapshot of one area has several reasons and origins',
    () =>
      [...grouped(admin2, [...SNAPSHOT, 'admin1Pcode', 'admin2Pcode']).values()].some(
        (group) =>
          distinct(group, 'displacementReason').size > 1 && distinct(group, 'idpOriginAdmin1Pcode').size > 1,
      ),
  ],
  [
    '2 two rows of a snapshot differ in their origin only',
    () =>
      [...grouped(admin2, [...SNAPSHOT, 'admin1Pcode', 'admin2Pcode', 'displacementReason']).values()].some(
        (group) => group.length > 1,
      ),
  ],
  [
    '3 BA and SA count the same people',
    () =>
      severalOf(of(admin0, 'TCD'), 'assessmentType').some((group) => {
        const [ba = [], sa = []] = grouped(group, ['assessmentType']).values();
        return people(ba) === people(sa);
      }),
  ],
  [
    '3 the assessment types ETT and FM occur',
    () => ['ETT', 'FM'].every((type) => distinct(admin0, 'assessmentType').has(type)),
  ],
  [
    '4 two operations of a country report on one date: (Monthly) and (Overview)',
    () =>
      [...grouped(of(admin0, 'SDN'), ['reportingDate']).values()].some((group) => {
        const names = [...distinct(group, 'operation')].map(String);
        return names.some((n) => n.endsWith('(Monthly)')) && names.some((n) => n.endsWith('(Overview)'));
      }),
  ],
  [
    '5 several countries have an operation of the same name',
    () =>
      distinct(
        admin0.filter((row) => row.operation === 'Savannah Border Crisis'),
        'admin0Pcode',
      ).size >= 4,
  ],
  [
    '6 round numbers of a series can fall',
    () =>
      [...grouped(admin0, ['admin0Pcode', 'operation', 'assessmentType']).values()].some((group) =>
        group.some((row, i) => i > 0 && Number(row.roundNumber) < Number(group[i - 1]?.roundNumber) - 30),
      ),
  ],
  ['6 a round can be 0', () => admin0.some((row) => row.roundNumber === 0)],
  ['7 one date has two rounds', () => severalOf(admin0, 'roundNumber').length > 0],
  [
    '8 the same id occurs at two levels',
    () => {
      const ids = distinct(of(admin1, 'AFG'), 'id');
      return of(admin2, 'AFG').some((row) => ids.has(row.id ?? null));
    },
  ],
  [
    '8 the same rows get other ids after a reload',
    () => {
      const again = createWorld(1, SCALE, { ...NO_CHANGES, renumbered: new Set(['*']) }).rows('v3', 1, 'HTI');
      const bare = (rows: readonly Row[]) => rows.map(({ id: _, ...row }) => JSON.stringify(row)).toSorted();
      assert.deepEqual(bare(again), bare(of(admin1, 'HTI')));
      return again.some((row, i) => row.id !== of(admin1, 'HTI')[i]?.id);
    },
  ],
  [
    '9 a round with an old date is added later',
    () => {
      const changes = { ...NO_CHANGES, newRound: new Map([['HTI', '2015-06-30']]) };
      const later = createWorld(1, SCALE, changes).rows('v3', 0, 'HTI');
      return later.some((row) => row.reportingDate === '2015-06-30T00:00:00');
    },
  ],
  [
    '10 the name of an operation has no accents in the list',
    () =>
      admin0.some((row) => row.operation === 'Erupción del Volcán Cerro Azul') &&
      list.some((row) => row.operation === 'Erupcion del Volcan Cerro Azul'),
  ],
  [
    '10 an operation is renamed in its rows',
    () => {
      const renamed = createWorld(1, SCALE, { ...NO_CHANGES, renamed: new Map([['LBN', '']]) });
      const [row] = renamed.rows('v3', 0, 'LBN');
      return row?.operation === 'Displacement along the Southern Border (renamed)';
    },
  ],
  [
    '11 an Active operation has no round after 2018',
    () =>
      list.some((listed) => {
        const rows = admin0.filter(
          (r) => keyOf(r, ['admin0Pcode', 'operation']) === keyOf(listed, ['admin0Pcode', 'operation']),
        );
        const last = rows.at(-1)?.reportingDate ?? '9999';
        return listed.operationStatus === 'Active' && String(last) < '2019';
      }),
  ],
  [
    '11 an operation with recent rounds is Inactive',
    () =>
      list.some(
        (listed) =>
          listed.operationStatus === 'Inactive' &&
          listed.operation === 'Climate-induced displacement, Southern Marshes',
      ),
  ],
  [
    '12 the same reason occurs with and without capital letters',
    () => {
      const reasons = distinct(admin0, 'displacementReason');
      return ['Conflict', 'conflict', 'Natural disaster', 'Natural Disaster'].every((reason) =>
        reasons.has(reason),
      );
    },
  ],
  [
    '12 one text joins several reasons with "; "',
    () => admin0.some((row) => String(row.displacementReason).includes('; ')),
  ],
  [
    '13 the origin is unknown in most rows',
    () => {
      const unknown = share(of(admin2, 'AFG'), (row) => row.idpOriginAdmin1Pcode === 'Not available');
      return unknown > 0.85 && unknown < 1;
    },
  ],
  [
    '13 the origin of a row is also its destination',
    () =>
      admin2.some(
        (row) => row.idpOriginAdmin1Pcode === row.admin1Pcode && row.admin1Pcode !== 'Not available',
      ),
  ],
  [
    '14 numberMales is null in all rows of a country',
    () => share(of(admin2, 'AFG'), (row) => row.numberMales === null) === 1,
  ],
  [
    '14 numberMales is null in some rows of a country',
    () => {
      const nulls = share(of(admin2, 'TCD'), (row) => row.numberMales === null);
      return nulls > 0.1 && nulls < 0.9;
    },
  ],
  [
    '14 numberMales and numberFemales are null together',
    () =>
      [admin0, admin1, admin2]
        .flat()
        .every((row) => (row.numberMales === null) === (row.numberFemales === null)),
  ],
  [
    '14 males and females do not always add up to the total',
    () => {
      const off = share(
        admin2,
        (row) =>
          row.numberMales !== null &&
          Number(row.numberMales) + Number(row.numberFemales) !== row.numPresentIdpInd,
      );
      return off > 0 && off < 0.01;
    },
  ],
  [
    '14 a round has null counts at every level',
    () =>
      [admin0, admin1, admin2].every((rows) =>
        rows.some((row) => row.numPresentIdpInd === null && row.admin0Pcode === 'DJI'),
      ),
  ],
  [
    '15 P-codes have different forms in different countries',
    () =>
      [/^IRQ-G\d\dQ\d\d$/, /^COD\d{4}$/, /^NGA\d{5}$/, /^AF\d{4}$/].every((form) =>
        admin2.some((row) => form.test(String(row.admin2Pcode))),
      ),
  ],
  [
    '15 one area has two codes',
    () =>
      [...grouped(of(admin2, 'NGA'), ['admin1Name', 'admin2Name']).values()].some(
        (group) => group[0]?.admin2Name !== 'Not available' && distinct(group, 'admin2Pcode').size > 1,
      ) &&
      [...grouped(of(admin1, 'MLI'), ['admin1Name']).values()].some(
        (group) => distinct(group, 'admin1Pcode').size > 1,
      ),
  ],
  [
    '15 admin1 and admin2 can be "Not available"',
    () =>
      admin1.some((row) => row.admin1Pcode === 'Not available') &&
      admin2.some((row) => row.admin2Pcode === 'Not available' && row.admin1Pcode !== 'Not available'),
  ],
  [
    '15 rows of admin2 can lack admin2Name and admin2Pcode',
    () => admin2.some((row) => !('admin2Name' in row) && !('admin2Pcode' in row)),
  ],
  [
    '17 an operation in the data is not in the list',
    () => {
      const listed = new Set(list.map((row) => keyOf(row, ['admin0Pcode', 'operation'])));
      return admin0.some((row) => !listed.has(keyOf(row, ['admin0Pcode', 'operation'])));
    },
  ],
  [
    '17 a listed operation has no rows',
    () => {
      const withRows = new Set(admin0.map((row) => keyOf(row, ['admin0Pcode', 'operation'])));
      return list.some((row) => !withRows.has(keyOf(row, ['admin0Pcode', 'operation'])));
    },
  ],
  ['18 a country has no rows', () => world.countries.some(({ iso3 }) => of(admin0, iso3).length === 0)],
  [
    '18 a country has rows at admin0 and admin1 only',
    () => of(admin0, 'GRD').length > 0 && of(admin1, 'GRD').length > 0 && of(admin2, 'GRD').length === 0,
  ],
];

for (const [title, present] of TRAPS) test(`trap ${title}`, () => assert.ok(present()));

const texts = [admin0, admin1, admin2]
  .flat()
  .flatMap((row) => [row.operation, row.admin1Name, row.admin2Name])
  .map(String);

const LETTERS: readonly (readonly [string, RegExp])[] = [
  ['accents', /[éèñôú]/],
  ['Arabic script', /\p{Script=Arabic}/u],
  ['Cyrillic', /\p{Script=Cyrillic}/u],
  ['a rare ideograph of four bytes', /[\u{20000}-\u{2a6df}]/u],
  ['an emoji', /🌋/u],
  ['a quote', /"/],
  ['a comma', /,/],
  ['an apostrophe', /'/],
  ['a blank at the start', /^ /],
  ['a blank at the end', / $/],
];

for (const [what, pattern] of LETTERS)
  test(`a name in the world contains ${what}`, () => assert.ok(texts.some((text) => pattern.test(text))));
