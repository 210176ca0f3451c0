import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MEASURES, naturalKey } from '../../lib/table/compare.ts';
import { LEVEL_TABLES, TABLES, tablesOf } from '../../lib/table/schema.ts';

const described = (version: 'v3' | 'v2', table: (typeof TABLES)[number]): string[] =>
  tablesOf(version)[table].columns.map(({ name, type, nullable }) => `${name} ${type}${nullable ? '?' : ''}`);

const AREAS = ['admin1_name string?', 'admin1_pcode string?', 'admin2_name string?', 'admin2_pcode string?'];

function levelColumns(level: number, version: 'v3' | 'v2'): string[] {
  const onlyV3 = (...columns: string[]) => (version === 'v3' ? columns : []);
  return [
    'admin0_name string',
    'admin0_pcode string',
    ...AREAS.slice(0, level * 2),
    'operation string',
    'operation_status string?',
    'assessment_type string',
    'reporting_date date',
    'year_reporting_date int32',
    'month_reporting_date int32',
    'round_number int32',
    ...onlyV3('displacement_reason string?'),
    'num_present_idp_ind int32?',
    ...onlyV3('number_males int32?', 'number_females int32?'),
    ...onlyV3('idp_origin_admin1_name string?', 'idp_origin_admin1_pcode string?'),
    'is_latest boolean',
    'id int32?',
  ];
}

for (const version of ['v3', 'v2'] as const) {
  test(`${version} level tables have the columns of the contract, in its order`, () => {
    for (const [level, table] of LEVEL_TABLES.entries())
      assert.deepEqual(described(version, table), levelColumns(level, version));
  });
}

test('snapshots, countries and operations have the columns of the contract', () => {
  assert.deepEqual(described('v3', 'snapshots'), [
    'level int32',
    'admin0_pcode string',
    'operation string',
    'assessment_type string',
    'reporting_date date',
    'round_number int32',
    'admin0_name string',
    'operation_status string?',
    'areas int32',
    'rows int32',
    'idps int64?',
    'males int64?',
    'females int64?',
    'is_latest boolean',
    'days_since_previous int32?',
    'levels_agree boolean?',
  ]);
  assert.ok(!described('v2', 'snapshots').some((column) => /males/.test(column)));
  assert.deepEqual(described('v3', 'countries'), ['admin0_name string', 'admin0_pcode string']);
  assert.deepEqual(described('v3', 'operations'), [
    'admin0_name string',
    'admin0_pcode string',
    'operation string',
    'operation_status string?',
  ]);
});

test('rows sort by every column once, in the order of the contract, id last', () => {
  assert.deepEqual(tablesOf('v3').admin2.sortBy, [
    'admin0_pcode',
    'operation',
    'assessment_type',
    'reporting_date',
    'round_number',
    'admin1_pcode',
    'admin1_name',
    'admin2_pcode',
    'admin2_name',
    'displacement_reason',
    'idp_origin_admin1_pcode',
    'idp_origin_admin1_name',
    'admin0_name',
    'operation_status',
    'year_reporting_date',
    'month_reporting_date',
    'num_present_idp_ind',
    'number_males',
    'number_females',
    'is_latest',
    'id',
  ]);
  for (const table of TABLES) {
    const { columns, sortBy } = tablesOf('v2')[table];
    assert.deepEqual([...sortBy].sort(), columns.map(({ name }) => name).sort());
  }
});

test('a level is sorted by its natural key before its measures', () => {
  for (const version of ['v2', 'v3'] as const)
    for (const table of LEVEL_TABLES) {
      const schema = tablesOf(version)[table];
      const positions = (names: readonly string[]) => names.map((name) => schema.sortBy.indexOf(name));
      const measures = positions(MEASURES).filter((at) => at >= 0);
      assert.ok(Math.max(...positions(naturalKey(schema))) < Math.min(...measures), `${version} ${table}`);
    }
});

test('every column has a description, which warns of misleading sums', () => {
  const { admin2 } = tablesOf('v3');
  for (const { name, description } of admin2.columns) assert.ok(description.length > 20, name);
  const text = (name: string) => admin2.columns.find((column) => column.name === name)?.description ?? '';
  assert.match(text('operation'), /never add figures across operations/);
  assert.match(text('assessment_type'), /never add across types/);
  assert.match(text('reporting_date'), /never add figures across dates/);
  assert.match(text('id'), /Not a key/);
});

test('columns have the HXL hashtags that are used for this data, or none', () => {
  const tagged = TABLES.flatMap((table) => tablesOf('v3')[table].columns.map(({ name, hxl }) => [name, hxl]));
  assert.deepEqual(Object.fromEntries(tagged), {
    admin0_name: '#country+name',
    admin0_pcode: '#country+code',
    admin1_name: '#adm1+name',
    admin1_pcode: '#adm1+code',
    admin2_name: '#adm2+name',
    admin2_pcode: '#adm2+code',
    operation: '#operation+name',
    operation_status: '#operation+status',
    assessment_type: '#assessment+type',
    reporting_date: '#date+reported',
    year_reporting_date: '#date+year+reported',
    month_reporting_date: '#date+month+reported',
    round_number: '#round+code',
    displacement_reason: '#cause+type',
    num_present_idp_ind: '#affected+idps',
    number_males: '#affected+idps+m',
    number_females: '#affected+idps+f',
    idp_origin_admin1_name: '#adm1+name+origin',
    idp_origin_admin1_pcode: '#adm1+code+origin',
    id: '#id+code',
    level: '#adm+level',
    idps: '#affected+idps',
    males: '#affected+idps+m',
    females: '#affected+idps+f',
    is_latest: undefined,
    areas: undefined,
    rows: undefined,
    days_since_previous: undefined,
    levels_agree: undefined,
  });
});
