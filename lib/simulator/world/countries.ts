// The countries that the API lists. Names and codes are real, sizes are invented.

/** The style of a country's place names. */
export type Flavour = 'arabic' | 'asian' | 'bantu' | 'english' | 'french' | 'pacific' | 'slavic' | 'spanish';

/** A country of the synthetic world. */
export interface Country {
  readonly iso3: string;
  readonly iso2: string;
  /** UN long name, as in the API. */
  readonly name: string;
  readonly flavour: Flavour;
  /** Number of first subdivisions at scale 1. */
  readonly admin1: number;
  /** Number of second subdivisions at scale 1. */
  readonly admin2: number;
  /** The most detailed level with rows. */
  readonly finest: 0 | 1 | 2;
}

// iso3 iso2 flavour admin1 admin2 finest name
const TABLE = `
AFG AF asian   24 190 2 Afghanistan
ATG AG english  2   4 2 Antigua and Barbuda
BHS BS english  4   9 2 Bahamas (the)
BEN BJ french   4  14 2 Benin
BOL BO spanish  5  18 2 Bolivia (Plurinational State of)
BFA BF french  10  40 2 Burkina Faso
BDI BI bantu   14  70 2 Burundi
CMR CM french   4  30 2 Cameroon
CAF CF french  12  56 2 Central African Republic
TCD TD french   5  16 2 Chad
COD CD bantu   14 100 2 Democratic Republic of the Congo
DJI DJ arabic   4   8 2 Djibouti
DMA DM english  5   5 0 Dominica
ECU EC spanish  5  16 2 Ecuador
SLV SV spanish  6  20 2 El Salvador
ETH ET bantu   11 110 2 Ethiopia
FJI FJ pacific  4  10 2 Fiji
GRD GD english  4   6 1 Grenada
GTM GT spanish  6  20 2 Guatemala
HTI HT french  10  70 2 Haiti
HND HN spanish  7  24 2 Honduras
IDN ID asian   12  60 2 Indonesia
IRQ IQ arabic  15 100 2 Iraq
KEN KE bantu    8  34 2 Kenya
LAO LA asian    4  12 2 Lao People's Democratic Republic
LBN LB arabic   8  26 2 Lebanon
LBY LY arabic  12  60 2 Libya
MDG MG french   6  22 2 Madagascar
MWI MW bantu    6  22 2 Malawi
MLI ML french   9  50 2 Mali
MNG MN asian    5  10 2 Mongolia
MOZ MZ bantu    9  64 2 Mozambique
NPL NP asian    7  34 2 Nepal
NER NE french   8  40 2 Niger
NGA NG english 14 130 2 Nigeria
PAK PK asian    6  50 2 Pakistan
PNG PG pacific  8  24 2 Papua New Guinea
PER PE spanish  5  10 2 Peru
PHL PH pacific 10  56 2 Philippines (the)
ARM AM slavic   5  12 2 Republic of Armenia
VCT VC english  4   6 1 Saint Vincent and the Grenadines
SOM SO arabic  13  74 2 Somalia
ZAF ZA english  3   8 2 South Africa
SSD SS english 10  78 2 South Sudan
LKA LK asian    6  14 2 Sri Lanka
SDN SD arabic  16 120 2 Sudan
SYR SY arabic  13  62 2 Syrian Arab Republic
UGA UG bantu    8  34 2 Uganda
UKR UA slavic  20  96 2 Ukraine
VUT VU pacific  5  12 2 Vanuatu
YEM YE arabic  18 110 2 Yemen
ZMB ZM bantu    6  22 2 Zambia
ZWE ZW bantu    7  28 2 Zimbabwe
`;

function parse(line: string): Country {
  const [iso3 = '', iso2 = '', flavour, admin1, admin2, finest, ...name] = line.split(/\s+/);
  return {
    iso3,
    iso2,
    name: name.join(' '),
    flavour: flavour as Flavour,
    admin1: Number(admin1),
    admin2: Number(admin2),
    finest: Number(finest) as 0 | 1 | 2,
  };
}

/** The 53 countries, sorted by name as in the API. */
export const COUNTRIES: readonly Country[] = TABLE.trim().split('\n').map(parse);
