const DATE = /^(\d{4})(\d{2})(\d{2})$/;
const TIME = /^(\d{2})(\d{2})?/;

/** Returns a DICOM date as ISO 8601 writes it; what is none as it stands. */
export function readableDate(date: string | null | undefined): string {
  const found = DATE.exec(date ?? '');
  return found ? `${found[1]}-${found[2]}-${found[3]}` : (date ?? '');
}

/** Returns a DICOM time to the minute; what is none as it stands. */
export function readableTime(time: string | null | undefined): string {
  const found = TIME.exec(time ?? '');
  return found ? `${found[1]}:${found[2] ?? '00'}` : (time ?? '');
}

/** Returns a date of a form (2020-01-31) as DICOM writes it; undefined for none. */
export function dicomDate(date: string | undefined): string | undefined {
  const plain = (date ?? '').replaceAll('-', '');
  return DATE.test(plain) ? plain : undefined;
}

const TYPED = /^(\d{4})(?:[-./]?(\d{2})(?:[-./]?(\d{2}))?)?$/;

/**
 * Returns the date that somebody has typed, as ISO 8601 writes it; undefined for none.
 *
 * A year or a month stands for its first or last day.
 *
 * @param end - Which end of a range it is.
 */
export function typedDate(text: string, end: 'from' | 'until'): string | undefined {
  const found = TYPED.exec(text.trim());
  if (found === null) {
    return undefined;
  }
  const [year, month, day] = found.slice(1).map((digits) => (digits ? Number(digits) : undefined));
  const isFrom = end === 'from';
  const inMonth = month ?? (isFrom ? 1 : 12);
  // The day before the first one of the next month is the last one of this.
  const date = day ?? (isFrom ? 1 : new Date(Date.UTC(year ?? 0, inMonth, 0)).getUTCDate());
  const iso = [found[1], ...[inMonth, date].map((one) => String(one).padStart(2, '0'))].join('-');
  const moment = new Date(`${iso}T00:00:00Z`);
  // 31 April would be 1 May.
  const isDay = Number.isFinite(moment.getTime()) && moment.toISOString().startsWith(iso);
  return isDay ? iso : undefined;
}
