// Defines every column of every table: its name, its type, its field in the API, and a description for users.
import type { Level } from '../dtm/endpoints.ts';

/** `date` is days since 1970-01-01. */
export type ColumnType = 'string' | 'int32' | 'int64' | 'date' | 'boolean';

export interface ColumnSchema {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
  /** The API's name of the field; absent if the exporter computes the value. */
  readonly field?: string;
  /** API: "Not available" and "" stand for no value. */
  readonly unavailable?: boolean;
  /** What the column counts. A workbook shows such numbers with thousands separators. */
  readonly unit?: 'persons';
  /** HXL 1.1: hashtag and attributes, as HDX uses them for this data; absent if none fits. */
  readonly hxl?: string;
  readonly description: string;
}

export const textColumn = (
  name: string,
  description: string,
  more: Partial<ColumnSchema> = {},
): ColumnSchema => ({
  name,
  type: 'string',
  nullable: false,
  description,
  ...more,
});
export const integerColumn = (
  name: string,
  description: string,
  more: Partial<ColumnSchema> = {},
): ColumnSchema => ({
  ...textColumn(name, description, more),
  type: 'int32',
});
export const NULLABLE = { nullable: true };
const areaOptions = (field: string, hxl: string) => ({ field, nullable: true, unavailable: true, hxl });

export const COUNTRY = [
  textColumn('admin0_name', "Country's name as sent, usually the UN's long form.", {
    field: 'admin0Name',
    hxl: '#country+name',
  }),
  textColumn('admin0_pcode', "Country's ISO 3166-1 alpha-3 code.", {
    field: 'admin0Pcode',
    hxl: '#country+code',
  }),
];

export const AREAS: Record<Level, readonly ColumnSchema[]> = {
  0: [],
  1: [
    textColumn(
      'admin1_name',
      'First-level area; null where the API says "Not available" (unplaced people).',
      areaOptions('admin1Name', '#adm1+name'),
    ),
    textColumn(
      'admin1_pcode',
      'P-code of the first-level area, as sent: formats differ and one area can have two codes.',
      areaOptions('admin1Pcode', '#adm1+code'),
    ),
  ],
  2: [
    textColumn(
      'admin2_name',
      'Second-level area; null where the API says "Not available" or leaves it out.',
      areaOptions('admin2Name', '#adm2+name'),
    ),
    textColumn(
      'admin2_pcode',
      'P-code of the second-level area, as sent: formats differ and one area can have two codes.',
      areaOptions('admin2Pcode', '#adm2+code'),
    ),
  ],
};

export const SNAPSHOT_KEY = [
  textColumn(
    'operation',
    'DTM operation. Operations of one country overlap: never add figures across operations.',
    {
      field: 'operation',
      hxl: '#operation+name',
    },
  ),
  textColumn(
    'operation_status',
    '"Active" or "Inactive" by the operation list; null if the list lacks the operation. Active does not mean fresh.',
    { ...NULLABLE, hxl: '#operation+status' },
  ),
  textColumn(
    'assessment_type',
    'BA baseline, SA site assessment, others exist. They count the same people: never add across types.',
    { field: 'assessmentType', hxl: '#assessment+type' },
  ),
  {
    name: 'reporting_date',
    type: 'date',
    nullable: false,
    field: 'reportingDate',
    hxl: '#date+reported',
    description: 'Day to which the count refers. A stock, not a flow: never add figures across dates.',
  },
] as const satisfies readonly ColumnSchema[];

export const YEAR_MONTH = [
  integerColumn('year_reporting_date', 'Year of the reporting date, as sent.', {
    field: 'yearReportingDate',
    hxl: '#date+year+reported',
  }),
  integerColumn('month_reporting_date', 'Month of the reporting date, 1 to 12, as sent.', {
    field: 'monthReportingDate',
    hxl: '#date+month+reported',
  }),
];

export const ROUND = integerColumn(
  'round_number',
  'Round of data collection, per operation; may be 0 and is not monotonic: order by reporting date.',
  { field: 'roundNumber', hxl: '#round+code' },
);

export const REASON = textColumn(
  'displacement_reason',
  'Reason of displacement as sent: open vocabulary, case varies, "; " joins several that cannot be split.',
  { field: 'displacementReason', nullable: true, hxl: '#cause+type' },
);

/** HXL: persons counted, in a row or summed over a snapshot. */
export const HXL_PERSONS = {
  all: '#affected+idps',
  males: '#affected+idps+m',
  females: '#affected+idps+f',
} as const;

export const PRESENT = integerColumn(
  'num_present_idp_ind',
  'Internally displaced persons present. Within a snapshot, add up reasons and origins for the total of an area.',
  { field: 'numPresentIdpInd', nullable: true, unit: 'persons', hxl: HXL_PERSONS.all },
);

export const SEXES = [
  integerColumn(
    'number_males',
    'Males among them; null where not collected. Males and females need not add up to the total.',
    {
      field: 'numberMales',
      unit: 'persons',
      hxl: HXL_PERSONS.males,
      nullable: true,
    },
  ),
  integerColumn(
    'number_females',
    'Females among them; null where not collected. Males and females need not add up to the total.',
    {
      field: 'numberFemales',
      unit: 'persons',
      hxl: HXL_PERSONS.females,
      nullable: true,
    },
  ),
];

export const ORIGIN = [
  textColumn(
    'idp_origin_admin1_name',
    'First-level area that they left; null where unknown ("Not available"), which is most rows.',
    areaOptions('idpOriginAdmin1Name', '#adm1+name+origin'),
  ),
  textColumn(
    'idp_origin_admin1_pcode',
    'P-code of the area that they left; null where unknown.',
    areaOptions('idpOriginAdmin1Pcode', '#adm1+code+origin'),
  ),
];

export const IS_LATEST: ColumnSchema = {
  name: 'is_latest',
  type: 'boolean',
  nullable: false,
  description:
    'The row belongs to the newest snapshot (by date, then round) of its country, operation and assessment type.',
};

export const ID = integerColumn(
  'id',
  "The API's row number. Not a key: reassigned when IOM reloads, not unique across levels, absent at admin0 in v3.",
  { field: 'id', nullable: true, hxl: '#id+code' },
);
