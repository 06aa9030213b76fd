const DAY_MS = 86_400_000;
const FORM = /^(\d{4})-(\d{2})-(\d{2})$/;

/** Returns a date (2020-01-31) as a number of days; undefined for none. */
export function dayOf(date: string | null | undefined): number | undefined {
  const found = FORM.exec(date ?? '');
  if (found === null) {
    return undefined;
  }
  const moment = new Date(0);
  moment.setUTCFullYear(Number(found[1]), Number(found[2]) - 1, Number(found[3]));
  return Math.round(moment.getTime() / DAY_MS);
}

/** Returns a day as a date; a part of a day is that day. */
export function dateOf(day: number): string {
  const text = new Date(Math.floor(day) * DAY_MS).toISOString();
  return text.slice(0, text.indexOf('T'));
}

/** Returns the first day of a month; months before and after the year count on. */
export function dayOfMonth(year: number, month: number): number {
  const moment = new Date(0);
  moment.setUTCFullYear(year, month, 1);
  return Math.round(moment.getTime() / DAY_MS);
}

export function yearOf(day: number): number {
  return new Date(Math.floor(day) * DAY_MS).getUTCFullYear();
}

export function monthOf(day: number): number {
  return new Date(Math.floor(day) * DAY_MS).getUTCMonth();
}

/** Returns the days that a date of FHIR names: a year or a month is all of its days. */
export function daysOf(date: string | null | undefined): readonly [number, number] | undefined {
  const text = (date ?? '').slice(0, 10);
  const [year, month] = text.split('-').map(Number);
  if (/^\d{4}$/.test(text)) {
    return [dayOfMonth(year ?? 0, 0), dayOfMonth((year ?? 0) + 1, 0) - 1];
  }
  if (/^\d{4}-\d{2}$/.test(text)) {
    const at = (month ?? 1) - 1;
    return [dayOfMonth(year ?? 0, at), dayOfMonth(year ?? 0, at + 1) - 1];
  }
  const day = dayOf(text);
  return day === undefined ? undefined : [day, day];
}

/** Returns today, where the browser is. */
export function today(now: Date = new Date()): number {
  return Math.floor((now.getTime() - now.getTimezoneOffset() * 60_000) / DAY_MS);
}

/** Returns full years between two days. */
export function yearsBetween(from: number, to: number): number {
  const years = yearOf(to) - yearOf(from);
  return dateOf(to).slice(-5) < dateOf(from).slice(-5) ? years - 1 : years;
}
