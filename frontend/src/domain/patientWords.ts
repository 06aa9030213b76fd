import { daysOf, yearsBetween } from './timeline/days';

interface Name {
  readonly text: string;
  readonly use?: string | null | undefined;
}

const NOT_NOW = new Set(['old', 'maiden', 'temp']);

/** Returns the name by which a patient is known, and its others. */
export function namesOf(names: readonly Name[]): {
  readonly main: string;
  readonly others: readonly string[];
} {
  const now = names.filter(({ use }) => !NOT_NOW.has(use ?? ''));
  const main = (now.find(({ use }) => use === 'official') ?? now[0] ?? names[0])?.text ?? '';
  const others = [...new Set(names.map(({ text }) => text))].filter((text) => text !== main);
  return { main: main || 'Without a name', others };
}

interface Lived {
  readonly birthDate?: string | null | undefined;
  readonly deceased?: boolean | null | undefined;
  readonly deceasedAt?: string | null | undefined;
}

/** Returns how old somebody is, or was; partial dates give two numbers. */
export function ageOf({ birthDate, deceased, deceasedAt }: Lived, now: number): string {
  const born = daysOf(birthDate);
  if (born === undefined || (deceased && !deceasedAt)) {
    return '';
  }
  const until = deceasedAt ? daysOf(deceasedAt) : ([now, now] as const);
  if (until === undefined) {
    return '';
  }
  const least = yearsBetween(born[1], until[0]);
  const most = yearsBetween(born[0], until[1]);
  if (most < 0) {
    return '';
  }
  return least === most ? `${most}` : `${Math.max(0, least)} or ${most}`;
}

const SEXES: Readonly<Record<string, string>> = {
  female: 'Female',
  male: 'Male',
  other: 'Other',
  unknown: 'Unknown',
};

export function sexOf(sex: string | null | undefined): string {
  return SEXES[sex ?? ''] ?? sex ?? '';
}

/** Returns whether and when somebody has died. */
export function deathOf({ deceased, deceasedAt }: Lived): string {
  if (!deceased) {
    return '';
  }
  return deceasedAt ? `Died ${deceasedAt.slice(0, 10)}` : 'Died';
}

const SOURCES: Readonly<Record<string, string>> = {
  dicom: 'Images alone',
  ehr: 'Record',
};

/** Returns where a patient is from, as people say it; addresses by their host. */
export function sourceWords(source: string): string {
  const known = SOURCES[source];
  if (known !== undefined) {
    return known;
  }
  return URL.canParse(source) ? new URL(source).host || source : source;
}
