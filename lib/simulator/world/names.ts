// Invented place names, with the letters and the punctuation of real ones.
import type { Country, Flavour } from './countries.ts';
import type { Random } from './random.ts';

interface Sounds {
  readonly first: readonly string[];
  readonly last: readonly string[];
  /** Forms of a name, chosen at random. `~` stands for the name. */
  readonly forms: readonly string[];
}

const words = (text: string) => text.split(' ');

const SOUNDS: Record<Flavour, Sounds> = {
  arabic: {
    first: words('Al-Mar Bir-Has Wadi-Sa Tell-Ra Ain-Zu Kafr-Da Umm-Ja Deir-Ba Qar Sahl-Fa'),
    last: words('ran oun dah mir sif qan far bin lub tar'),
    forms: ['~', '~', '~ Al-Gharbi', '~ Al-Sharqi', "~'a", '~ As-Sufla'],
  },
  asian: {
    first: words('Sar Khan Dar Nur Lash Bal Pan Gul Zar Mir Tang Sin'),
    last: words('abad kot pur dasht shal garh jan bagh wal zai'),
    forms: ['~', '~', '~-e Bala', '~-e Payin', '~ Khurd'],
  },
  bantu: {
    first: words('Mu Ki Bu Lu Nya Ma Ka Ru Chi Ndo Mwa Tshi'),
    last: words('benga lindi kanga sozi tamba rongo vuma zibe hara pande'),
    forms: ['~', '~', '~ Centre', '~-Rural', "N'~"],
  },
  english: {
    first: words('Green North Stone Oak River Mill Kings Fair Lake Bright Ash West'),
    last: words('ford ton field haven bridge mouth vale gate wick stead'),
    forms: ['~', '~', 'Upper ~', 'Lower ~', '~ East', "St. ~'s"],
  },
  french: {
    first: words('Bel Mont Clair Val Font Ros Beau Haut Grand Bois Pré Côte'),
    last: words('rivière fort mare igny ombre oré éval ance udé illon'),
    forms: ['~', '~', '~-Nord', '~-Sud', "L'~", 'Saint-~'],
  },
  pacific: {
    first: words('Ma Tana Lau Sibu Kala Nui Roto Bula Pang Vao Tala Iri'),
    last: words('lago wai nui san moa tao pili gan bora rua'),
    forms: ['~', '~', '~ Island', 'South ~', '~ (Poblacion)'],
  },
  slavic: {
    first: words('Novo Staro Verkh Bila Kras Zele Vysh Sere Koro Ozer Lis Dub'),
    last: words('hrad pol ivka nytsia dvir richka horsk lisk morsk yansk'),
    forms: ['~', '~', '~-Pershe', '~-Druhe', 'Mala ~'],
  },
  spanish: {
    first: words('Río Peña Alta Villa Cerro Llano Monte Agua Santa Valle Loma Piedra'),
    last: words('blanca nueva verde seca brava hondo alegre mayor rica gris'),
    forms: ['~', '~', '~ de Arriba', '~ de Abajo', 'Nueva ~', '~-Ñú'],
  },
};

/** Names of second subdivisions that test encoding, quoting and trimming in readers. */
const UNUSUAL: Readonly<Record<string, readonly string[]>> = {
  BOL: [' Río Callado ', 'Peña "La Ñata"'],
  HTI: ["L'Anse-à-l'Étoile", 'Morne-Brûlé, Haut'],
  IRQ: ['Camp "Al-Noor", Sector 4', 'ناحية الجسر القديم'],
  LAO: ["Muang N'gha", '𠮷野 (Kamiya)'],
  PHL: ['𠀋 Heights', 'Sitio Señor'],
  SDN: ['محلية الوادي الأخضر'],
  UKR: ["Kam'yana-Dolyna", 'Зелена Гора'],
  YEM: ['مديرية السهل الأعلى', 'مديرية الوادي'],
};

/** Creates a function that returns a new place name of a country at each call. */
export function placeNamer(country: Country, random: Random): () => string {
  const sounds = SOUNDS[country.flavour];
  const taken = new Set<string>();
  return () => {
    const stem = random.pick(sounds.first) + random.pick(sounds.last);
    const name = random.pick(sounds.forms).replace('~', stem);
    let unique = name;
    for (let n = 2; taken.has(unique); n++) unique = `${name} ${n}`;
    taken.add(unique);
    return unique;
  };
}

/** Unusual names for a country's first few second subdivisions. */
export function unusualNames(country: Country): readonly string[] {
  return UNUSUAL[country.iso3] ?? [];
}
