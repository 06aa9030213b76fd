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
