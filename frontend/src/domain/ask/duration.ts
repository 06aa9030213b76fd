/** Units of time as ISO 8601 has them, and as people do. */
export const UNITS = [
  { value: 'Y', label: 'years' },
  { value: 'M', label: 'months' },
  { value: 'W', label: 'weeks' },
  { value: 'D', label: 'days' },
] as const;

export interface Duration {
  readonly number: number;
  readonly unit: string;
}

const SIMPLE = /^([+-]?)P(\d{1,5})([YMWD])$/;

/** Returns a duration of one unit; undefined of all else, dates for example. */
export function readDuration(text: string): Duration | undefined {
  const [, sign, number, unit] = SIMPLE.exec(text) ?? [];
  return number === undefined || unit === undefined
    ? undefined
    : { number: sign === '-' ? -Number(number) : Number(number), unit };
}

export function writeDuration({ number, unit }: Duration): string {
  return `${number < 0 ? '-' : ''}P${Math.abs(number)}${unit}`;
}
