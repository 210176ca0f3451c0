// The operations of the world. All are invented. A line of the table has everything that decides an operation's rows.

/** Curve of the number of people over time (stock.ts). */
export type Trend = 'decline' | 'plateau' | 'rise' | 'sudden' | 'waves';
/** Set of displacement reasons (splits.ts). */
export type Reasons = 'conflict' | 'disaster' | 'economic' | 'mixed';

/** One operation in one country. */
export interface Operation {
  readonly iso3: string;
  /** Name in its rows. */
  readonly name: string;
  /** Name in the operation list. Null if it is not in the list. */
  readonly listedName: string | null;
  readonly status: 'Active' | 'Inactive';
  /** First and last month of its rounds, `YYYY-MM`. */
  readonly from: string;
  readonly to: string;
  /** Months between rounds. */
  readonly monthsBetweenRounds: number;
  /** Number of people at its peak. */
  readonly peak: number;
  /** Assessment types. Each has its own rows: a second type counts the same people again. */
  readonly assessments: readonly string[];
  readonly trend: Trend;
  readonly reasons: Reasons;
  /** Share of the country's areas that it covers, 0 to 1. */
  readonly coverage: number;
  readonly flags: ReadonlySet<string>;
}

// Flags. `nosex`, `partsex`: males and females are always null, or sometimes. `nodata`: no rows. `null`: a round without counts.
// `origin`, `rare`: origins are often known, or seldom. `case`: reasons in mixed case. `unplaced`: people in no known area.
// `zero`: rounds begin at 0. `restart`: round numbers start again. `twin`: two rounds on the last date.
// `unlisted`: not in the list. `plain`: no accents in the list's name. `padded`: a blank after the name.
// `nokeys`: rows without the keys of admin2.
//
// countries status from to every peak assessments trend reasons coverage flags | name
const TABLE = `
AFG Active 2012-06 2026-09 3 5400000 BA plateau mixed 1 nosex,rare,unplaced | Settlement Baseline (Afghanistan)
AFG Active 2021-08 2026-08 6 900000 BA waves conflict .3 nosex | Eastern Valleys displacement
ATG Inactive 2017-09 2018-02 1 1600 SA sudden disaster 1 - | Hurricane Odalys (Leeward Islands)
DMA Inactive 2017-09 2018-03 1 2400 SA sudden disaster 1 - | Hurricane Odalys (Leeward Islands)
BHS Inactive 2019-09 2020-02 1 4100 SA sudden disaster 1 - | Bahamas (the) - Hurricane Ferrol Response
BEN Active 2022-03 2026-10 3 12500 BA rise conflict .7 origin | Savannah Border Crisis
BFA Inactive 2019-02 2022-12 3 1150000 BA rise conflict 1 partsex,rare | Savannah Border Crisis
MLI Active 2014-01 2026-10 2 380000 BA waves conflict 1 origin,case | Savannah Border Crisis
NER Active 2017-05 2026-08 3 190000 BA waves conflict .5 rare | Savannah Border Crisis
BDI Active 2015-09 2026-10 2 150000 BA decline mixed 1 origin,case | Complex emergency - Burundi
BOL Inactive 2018-02 2018-09 1 6200 BA sudden disaster 1 padded | Floods(2016)
CAF Active 2016-10 2026-09 3 640000 BA waves conflict 1 rare,partsex | Western prefectures conflict
CMR Active 2015-11 2026-07 3 380000 BA rise mixed .9 partsex,origin | Great Lagoon Basin Crisis
TCD Active 2017-09 2026-06 3 235000 BA+SA rise mixed .7 partsex,origin | Great Lagoon Basin Crisis
NGA Active 2014-12 2026-09 2 2100000 BA+SA plateau conflict .45 origin,unplaced | Great Lagoon Basin Crisis
NGA Active 2019-08 2026-06 4 690000 BA rise conflict .5 rare,case | North Plateau and Middle Rivers
NGA Inactive 2018-09 2019-03 1 140000 SA sudden disaster .3 - | River Floods (2018)
COD Active 2018-04 2026-10 6 2900000 BA waves conflict 1 nosex | Countrywide displacement monitoring
COD Active 2019-03 2026-09 3 1650000 BA plateau conflict .14 partsex | Kivandi
COD Active 2019-03 2026-09 3 1500000 BA rise conflict .14 partsex | Turini
COD Active 2019-06 2025-12 3 360000 BA decline conflict .14 - | Kasombe
COD Active 2019-06 2025-12 3 310000 BA decline conflict .14 - | Kasombe Oriental
COD Active 2020-01 2025-12 6 420000 BA plateau conflict .14 - | Tanzikwa
COD Active 2023-11 2026-10 1 1200000 ETT waves conflict .2 zero | K7 Crisis Response
COD Active 2021-06 2023-12 6 190000 BA sudden disaster .1 - | Éruption du Mont Nyamira
DJI Inactive 2017-05 2018-11 3 9000 BA decline disaster 1 null | Drought watch
ECU Inactive 2016-05 2017-04 2 26000 SA sudden disaster .8 - | Coastal Earthquake
SLV Inactive 2020-06 2020-12 1 8800 SA sudden disaster 1 - | Storms Belinda and Celso Response
GTM Inactive 2018-06 2019-06 2 5600 SA sudden disaster .5 plain | Erupción del Volcán Cerro Azul
GTM Inactive 2020-11 2021-05 1 15500 SA sudden disaster .8 - | Hurricane Zita and Ulises response
HND Inactive 2020-11 2021-06 1 55000 SA sudden disaster 1 - | Hurricane Zita and Ulises response
ETH Active 2017-11 2026-08 2 1850000 BA+SA plateau mixed 1 rare,partsex,case | Countrywide displacement monitoring
ETH Active 2021-03 2026-04 3 2050000 ETT decline conflict .3 partsex | Northern Highlands Crisis
ETH Active 2020-08 2021-06 2 217000 SA sudden disaster .2 - | Flood response in Lower Awara
FJI Inactive 2016-03 2016-06 1 5000 SA sudden disaster 1 nodata | Tropical Cyclone Wendel
GRD Active 2024-07 2025-03 1 3900 SA sudden disaster 1 - | Hurricane Casimir
VCT Active 2024-07 2025-04 1 4600 SA sudden disaster 1 - | Hurricane Casimir
HTI Inactive 2010-03 2016-12 2 1250000 SA sudden disaster .4 - | Southern Plain Earthquake
HTI Active 2021-08 2022-03 2 39000 SA sudden disaster .3 - | Séisme (Août-2021)
HTI Inactive 2016-10 2018-04 1 170000 SA sudden disaster .3 partsex | Hurricane Lazare
HTI Active 2022-11 2026-09 3 1400000 BA rise conflict 1 origin,partsex,restart,case | Countrywide displacement monitoring
HTI Active 2024-03 2025-06 1 95000 ETT waves conflict .1 zero | Emergency tracking, capital region
IDN Inactive 2018-10 2019-12 1 165000 BA sudden disaster .4 - | Palulo Bay Earthquake
IDN Inactive 2018-08 2019-04 1 340000 SA sudden disaster .3 - | Lomboka Earthquake
IDN Inactive 2016-12 2017-06 2 74000 SA sudden disaster .3 - | Garuta floods
IRQ Active 2014-06 2026-08 2 3250000 BA decline conflict .85 nosex,origin,restart | Two Rivers conflict
IRQ Inactive 2023-01 2026-02 6 130000 BA rise economic .6 rare | Climate-induced displacement, Southern Marshes
KEN Inactive 2017-03 2019-06 3 98000 BA waves mixed .6 - | Mixed displacement in the Rift
IDN Inactive 2017-10 2018-06 1 132000 SA sudden disaster .2 - | Gunung Merah Volcano
KEN Active 2021-05 2026-06 3 41000 FM rise disaster .5 partsex | Movement Monitoring in Garama
KEN Active 2021-05 2026-06 3 35000 FM waves disaster .4 partsex | Movement Monitoring in Turkwel
LAO Inactive 2018-08 2019-05 1 6400 SA sudden disaster 1 - | Flash Floods in Sekhan
LBN Active 2023-10 2026-10 1 950000 BA waves conflict 1 twin,origin,case | Displacement along the Southern Border
LBY Active 2016-01 2026-10 2 430000 BA decline conflict 1 rare,unplaced | Coastal Plain Crisis
MDG Active 2021-02 2026-02 3 85000 BA waves disaster .9 case | Drought in the Grand Plateau
MDG Inactive 2018-01 2018-09 2 52000 SA sudden disaster .6 - | Sécheresse à Madagascar
MWI Inactive 2019-03 2019-12 1 88000 SA sudden disaster .8 - | Cyclone Orla
MOZ Active 2019-04 2022-06 2 161000 SA sudden disaster .6 case | Cyclone Orla
ZWE Inactive 2019-04 2021-03 2 43000 BA sudden disaster .6 - | Cyclone Orla
MOZ Active 2019-05 2020-08 2 25000 SA sudden disaster .3 - | Cyclone Quillon
MOZ Active 2020-04 2026-10 2 870000 BA+SA waves conflict .5 rare,partsex | Northern Capes Conflict
MWI Active 2023-03 2024-02 1 640000 SA sudden disaster .9 - | Lower Valley Floods
MWI Active 2024-06 2025-10 3 21000 BA rise economic .8 - | Drought Response, Southern Plateau
ZMB Active 2024-06 2026-01 3 34000 BA rise economic .8 - | Drought Response, Southern Plateau
ZWE Active 2024-06 2026-03 3 47000 BA rise economic .8 - | Drought Response, Southern Plateau
MNG Inactive 2021-01 2021-12 6 1000 BA plateau mixed 1 nodata | Mongolia steppe monitoring
MOZ Active 2021-02 2021-09 1 34000 SA sudden disaster .3 - | Cyclone Elvar
NPL Inactive 2015-05 2017-12 3 117000 SA sudden disaster .7 - | Himal Earthquake
NPL Inactive 2017-08 2018-01 1 61000 SA sudden disaster .4 - | Terai Floods (2017)
NPL Active 2024-10 2025-04 2 14000 FM sudden disaster .2 - | Koshi Valley landslides
NER Inactive 2020-08 2021-03 2 83000 SA sudden disaster .5 - | Inondations de la saison des pluies
PAK Inactive 2012-09 2013-08 1 480000 SA sudden disaster .5 - | Indus floods (2012)
PAK Active 2022-09 2024-06 2 610000 BA sudden disaster .8 partsex | Indus floods (2022)
PNG Inactive 2018-03 2021-06 3 61000 BA waves mixed .8 - | Highlands country monitoring
PNG Active 2023-08 2026-05 2 19000 SA waves disaster .4 - | Volcano unrest
PER Inactive 2017-04 2018-02 3 11000 SA sudden disaster .8 nodata | El Niño del Norte
PHL Inactive 2013-11 2015-03 1 890000 SA sudden disaster .5 - | Typhoon Amihan
PHL Active 2017-08 2026-03 3 210000 BA decline conflict .3 case | Displacement in Lake Lanang
PHL Inactive 2019-12 2020-10 2 108000 SA sudden disaster .3 - | Earthquakes in Davalo
PHL Active 2021-12 2022-12 1 590000 SA sudden disaster .4 - | Typhoon Odeth
ARM Active 2023-10 2025-06 3 31000 FM decline conflict 1 - | Arrivals in the Border Marzes
SOM Active 2016-02 2026-09 2 2650000 BA rise mixed 1 origin,case | Somalia - Countrywide movement tracking
SOM Active 2021-01 2026-10 3 1900000 ETT waves disaster .6 rare | Drought and flood alerts
SSD Active 2018-03 2026-07 3 2250000 BA+SA plateau conflict 1 rare,unplaced | Mobility Rounds
SSD Active 2019-05 2026-05 6 170000 FM plateau conflict .1 - | Registration at sites
LKA Inactive 2017-06 2017-12 1 22000 SA sudden disaster .6 - | Southern Floods (2017)
SDN Active 2013-01 2018-12 1 2050000 BA rise conflict .3 nosex,restart | Western Savannah conflict
SDN Active 2023-05 2026-10 1 5900000 BA rise conflict .9 rare | River States Clashes (Monthly)
SDN Active 2023-05 2026-10 2 9100000 BA rise conflict 1 origin,unplaced | River States Clashes (Overview)
SDN Active 2023-05 2024-08 1 4100000 ETT rise conflict .7 unlisted,case | River States Clashes
SYR Active 2022-12 2026-10 2 6800000 BA decline conflict 1 nosex,nokeys | National displacement and returns
SYR Active 2025-07 2026-09 1 190000 ETT sudden conflict .2 - | Southern Basalt clashes
UGA Active 2018-01 2026-06 6 38000 BA waves disaster .7 - | Disaster Risk Monitoring (DRM)
UGA Inactive 2020-05 2020-12 1 49000 SA sudden disaster .5 - | Lake Floods in Uganda (2020)
UGA Active 2024-11 2026-09 6 5200 BA plateau disaster .1 - | Landslides, Mount Elara
UKR Active 2022-03 2026-10 2 6600000 BA decline conflict 1 nosex | General population survey - IDPs, "Rapid"
UKR Active 2023-01 2026-09 3 4900000 SA plateau conflict 1 rare | Displacement by registration
VUT Active 2024-12 2025-06 1 5600 SA sudden disaster .5 - | Earthquake (December-2024)
VUT Inactive 2015-03 2015-11 1 64000 SA sudden disaster .8 - | Cyclone Paton
VUT Active 2017-10 2018-11 2 11000 SA sudden disaster .4 - | Volcano watch 🌋 (Ambrel)
VUT Active 2020-04 2021-02 2 18000 SA sudden disaster .8 - | Tropical Cyclone Hesper Response
YEM Active 2015-04 2026-04 3 3400000 BA rise conflict 1 nosex,partsex | Red Coast conflict
YEM Active 2019-01 2026-10 2 260000 RDT waves mixed .5 origin | رصد النزوح السريع
ZAF Inactive 2022-04 2022-12 2 7400 SA sudden disaster 1 - | Ukhahla Floods 2022
ZWE Inactive 2022-01 2023-06 6 58000 BA waves mixed .8 unlisted | Countrywide displacement monitoring
`;

const withoutAccents = (text: string) => text.normalize('NFD').replace(/\p{Mn}/gu, '');

function listedName(name: string, flags: ReadonlySet<string>): string | null {
  if (flags.has('unlisted')) return null;
  return flags.has('plain') ? withoutAccents(name) : name;
}

function parse(line: string): Operation {
  const [columns = '', title = ''] = line.split(' | ');
  const [
    iso3 = '',
    status,
    from = '',
    to = '',
    every,
    peak,
    assessments = '',
    trend,
    reasons,
    coverage,
    flagList,
  ] = columns.split(' ');
  const flags = new Set(flagList?.split(','));
  const name = flags.has('padded') ? `${title} ` : title;
  return {
    iso3,
    name,
    listedName: listedName(name, flags),
    status: status as Operation['status'],
    from,
    to,
    monthsBetweenRounds: Number(every),
    peak: Number(peak),
    assessments: assessments.split('+'),
    trend: trend as Trend,
    reasons: reasons as Reasons,
    coverage: Number(coverage),
    flags,
  };
}

/** Every operation in every country. */
export const OPERATIONS: readonly Operation[] = TABLE.trim().split('\n').map(parse);
