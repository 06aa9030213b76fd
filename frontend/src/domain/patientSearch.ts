/** What the address of the list of patients says. */
export interface PatientSearch {
  /** Words of a name, or an identifier. */
  readonly text?: string;
  /** A day, a month or a year: 1980-02-29. */
  readonly born?: string;
  readonly sex?: string;
  readonly partition?: string;
}

const KEYS = ['text', 'born', 'sex', 'partition'] as const;
export const SEX_CODES = ['female', 'male', 'other', 'unknown'] as const;
const LONGEST = 200;
const BORN = /^\d{4}(?:-\d{2}(?:-\d{2})?)?$/;

/** Returns what an address says, without what means nothing here. */
export function readPatientSearch(given: Readonly<Record<string, unknown>>): PatientSearch {
  const read = KEYS.flatMap((key) => {
    const value = given[key];
    return typeof value === 'string' && value.trim() ? [[key, value.trim().slice(0, LONGEST)]] : [];
  });
  return Object.fromEntries(read);
}

/** Returns the birth date that somebody has typed; undefined for none. */
export function typedBirth(text: string): string | undefined {
  const given = text.trim().replaceAll(/[./]/g, '-');
  return BORN.test(given) ? given : undefined;
}

/** Returns the graph's filter for a search. */
export function patientFilterOf({ text, born, sex }: PatientSearch) {
  const birthDate = typedBirth(born ?? '');
  return {
    ...(text && { text }),
    ...(birthDate && { birthDate }),
    ...(SEX_CODES.some((code) => code === sex) && sex && { sex }),
  };
}

export function isPatientNarrowed({ text, born, sex }: PatientSearch): boolean {
  return Boolean(text || born || sex);
}
