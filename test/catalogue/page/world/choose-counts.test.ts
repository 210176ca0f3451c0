import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  assessmentTypes,
  type ChoiceRule,
  type ChoosableCount,
  chooseCounts,
  DEFAULT_RULE,
  daysBetween,
  rankCounts,
  timelinessOn,
} from '../../../../lib/catalogue/page/world/choose-counts.ts';

const DAY = '2026-11-24';

const count = (overrides: Partial<ChoosableCount>): ChoosableCount => ({
  country: 'SDN',
  name: 'Sudan',
  operation: 'Conflict',
  assessment_type: 'BA',
  date: '2026-10-31',
  idps: 100,
  usual_days: 31,
  ...overrides,
});

const chosen = (counts: readonly ChoosableCount[], rule: ChoiceRule = DEFAULT_RULE) =>
  chooseCounts(counts, { rule, day: DAY }).map(({ operation }) => operation);

test('a count is overdue one day after twice its usual interval', () => {
  assert.equal(timelinessOn({ date: '2026-09-23', usual_days: 31 }, DAY), 'on time');
  assert.equal(timelinessOn({ date: '2026-09-22', usual_days: 31 }, DAY), 'overdue');
  assert.equal(timelinessOn({ date: '2026-12-01', usual_days: 31 }, DAY), 'on time');
});

test('the only count of a series is late after a year', () => {
  assert.equal(timelinessOn({ date: '2025-11-24', usual_days: null }, DAY), 'on time');
  assert.equal(timelinessOn({ date: '2025-11-23', usual_days: null }, DAY), 'single');
});

test('days are counted between dates, whatever the time of the day', () => {
  assert.equal(daysBetween('2026-02-28', '2026-03-01T23:59:59.999Z'), 1);
  assert.equal(daysBetween('2024-02-28', '2024-03-01'), 2);
});

test('by default, a greater but overdue count gives way to one that is on time', () => {
  const old = count({ operation: 'old', date: '2020-01-31', idps: 9_000_000 });
  const once = count({ operation: 'once', date: '2015-01-31', idps: 8_000_000, usual_days: null });
  const small = count({ operation: 'small', idps: 5 });
  assert.deepEqual(chosen([old, once, small]), ['small']);
  assert.deepEqual(chosen([old, once, small, count({ operation: 'great' })]), ['great']);
});

test('if all counts are overdue, the newest one is chosen, not the greatest', () => {
  const great = count({ operation: 'great', date: '2020-01-31', idps: 9_000_000 });
  const newer = count({ operation: 'newer', date: '2020-02-29', idps: 5 });
  assert.deepEqual(chosen([great, newer]), ['newer']);
});

test('a count without a figure is chosen only if no other one is on time', () => {
  const empty = count({ operation: 'empty', idps: null });
  assert.deepEqual(chosen([empty, count({ operation: 'zero', idps: 0 })]), ['zero']);
  assert.deepEqual(chosen([empty, count({ operation: 'old', date: '2020-01-31' })]), ['empty']);
});

test('the rule "newest" and the rule of a type have no regard for greater figures', () => {
  const site = count({ operation: 'site', assessment_type: 'SA', date: '2026-11-01', idps: 1 });
  const other = count({ country: 'TCD', operation: 'other' });
  assert.deepEqual(chosen([count({}), site], { kind: 'newest' }), ['site']);
  assert.deepEqual(chosen([count({}), site, other], { kind: 'type', type: 'SA' }), ['site']);
  assert.deepEqual(chosen([count({}), site], { kind: 'type', type: 'XX' }), []);
});

test('countries are ranked by persons, those without a figure last', () => {
  const ranked = rankCounts([
    count({ country: 'AAA', name: 'none', idps: null }),
    count({ country: 'BBB', name: 'zero', idps: 0 }),
    count({ country: 'CCC', name: 'two', idps: 2 }),
    count({ country: 'DDD', name: 'also two', idps: 2 }),
  ]);
  assert.deepEqual(
    ranked.map(({ name }) => name),
    ['also two', 'two', 'zero', 'none'],
  );
});

const anyCount = fc.record({
  country: fc.constantFrom('SDN', 'TCD', 'HTI'),
  name: fc.constantFrom('a', 'b'),
  operation: fc.string({ maxLength: 3 }),
  assessment_type: fc.constantFrom('BA', 'SA', ''),
  date: fc
    .date({ min: new Date('2010-01-01'), max: new Date('2027-01-01'), noInvalidDate: true })
    .map((date) => date.toISOString().slice(0, 10)),
  idps: fc.option(fc.nat(5)),
  usual_days: fc.option(fc.integer({ min: 1, max: 400 })),
});

/** Different operations and assessment types, as in a release. */
const anyCounts = fc.uniqueArray(anyCount, {
  selector: ({ country, operation, assessment_type }) =>
    JSON.stringify([country, operation, assessment_type]),
  maxLength: 12,
});

test('for any counts and rule: one count a country, taken as it is, whatever the order of the counts', () => {
  const rules: ChoiceRule[] = [DEFAULT_RULE, { kind: 'newest' }, { kind: 'type', type: 'BA' }];
  fc.assert(
    fc.property(anyCounts, fc.constantFrom(...rules), fc.infiniteStream(fc.nat()), (counts, rule, dice) => {
      const result = chooseCounts(counts, { rule, day: DAY });
      const allowed = counts.filter(
        ({ assessment_type }) => rule.kind !== 'type' || assessment_type === rule.type,
      );
      assert.deepEqual(
        result.map(({ country }) => country).sort(),
        [...new Set(allowed.map(({ country }) => country))].sort(),
      );
      assert.ok(result.every((one) => counts.includes(one)));
      const figures = result.map(({ idps }) => idps ?? -1);
      assert.deepEqual(
        figures,
        figures.toSorted((a, b) => b - a),
      );
      const shuffled = counts
        .map((one) => [dice.next().value as number, one] as const)
        .sort(([a], [b]) => a - b)
        .map(([, one]) => one);
      assert.deepEqual(new Set(chooseCounts(shuffled, { rule, day: DAY })), new Set(result));
    }),
  );
});

test('for any counts: a chosen count that is late means that the country has none on time', () => {
  fc.assert(
    fc.property(anyCounts, (counts) => {
      for (const one of chooseCounts(counts, { rule: DEFAULT_RULE, day: DAY })) {
        const own = counts.filter(({ country }) => country === one.country);
        const onTime = own.filter((other) => timelinessOn(other, DAY) === 'on time');
        const expected = onTime.length > 0 ? onTime.map(({ idps }) => idps ?? -1) : [];
        if (onTime.length > 0) assert.equal(one.idps ?? -1, Math.max(...expected));
        else
          assert.equal(
            one.date,
            own
              .map(({ date }) => date)
              .sort()
              .at(-1),
          );
      }
    }),
  );
});

test('assessment types are named once each', () => {
  assert.deepEqual(assessmentTypes([count({}), count({ assessment_type: 'SA' }), count({})]), ['BA', 'SA']);
});
