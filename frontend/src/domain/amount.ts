const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const;
const NUMBER = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

/** Returns a number with a thin separator of thousands. */
export function readableNumber(number: number): string {
  return NUMBER.format(number);
}

/** Returns a number that was counted no further than to `most`: `999+` where it has come there. */
export function cappedNumber(number: number, most: number): string {
  return number < most ? readableNumber(number) : `${readableNumber(most - 1)}+`;
}

/** Returns a number of bytes with its unit (SI). */
export function readableBytes(bytes: number): string {
  let rest = bytes;
  let at = 0;
  while (rest >= 1000 && at < UNITS.length - 1) {
    rest /= 1000;
    at += 1;
  }
  return `${NUMBER.format(rest)} ${UNITS[at]}`;
}

/** Returns `1 series`, `2 files`: a number with its noun. */
export function counted(number: number, one: string, many = `${one}s`): string {
  return `${readableNumber(number)} ${number === 1 ? one : many}`;
}
