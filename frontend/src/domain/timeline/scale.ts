import { dayOfMonth, monthOf, yearOf } from './days';

/** The days that are shown, of which parts count. */
export interface View {
  readonly from: number;
  readonly to: number;
}

export const LEAST_DAYS = 7;
/** What is left free at both ends, in parts of the whole. */
const MARGIN = 0.03;

export function xOf(day: number, view: View, width: number): number {
  return ((day - view.from) / (view.to - view.from)) * width;
}

export function dayAt(x: number, view: View, width: number): number {
  return view.from + (x / Math.max(1, width)) * (view.to - view.from);
}

/** Returns a view of some days with a margin at both ends. */
export function viewOf(first: number, last: number, margin = MARGIN): View {
  const span = Math.max(LEAST_DAYS, last + 1 - first);
  const middle = (first + last + 1) / 2;
  const half = span * (0.5 + margin);
  return { from: middle - half, to: middle + half };
}

/** Returns a view that lies in the whole, no narrower than can be shown. */
export function within(view: View, whole: View): View {
  const most = whole.to - whole.from;
  const span = Math.min(most, Math.max(LEAST_DAYS, view.to - view.from));
  const middle = (view.from + view.to) / 2;
  const from = Math.min(Math.max(middle - span / 2, whole.from), whole.to - span);
  return { from, to: from + span };
}

/** Returns a view that shows `factor` times as many days, with a day where it was. */
export function zoomed(view: View, factor: number, at: number, whole: View): View {
  const span = view.to - view.from;
  const next = Math.min(whole.to - whole.from, Math.max(LEAST_DAYS, span * factor));
  const from = at - ((at - view.from) / span) * next;
  return within({ from, to: from + next }, whole);
}

export function panned(view: View, days: number, whole: View): View {
  return within({ from: view.from + days, to: view.to + days }, whole);
}

/** Returns a view that shows a day, moved no more than it has to. */
export function showing(view: View, day: number, whole: View): View {
  const margin = (view.to - view.from) * 0.1;
  if (day < view.from + margin) {
    return panned(view, day - view.from - margin, whole);
  }
  return day > view.to - margin ? panned(view, day - view.to + margin, whole) : view;
}

export interface Tick {
  readonly day: number;
  readonly label: string;
  /** Whether it begins something larger: a decade, a year, a month. */
  readonly isMain: boolean;
}

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
const YEAR_STEPS = [1, 2, 5, 10, 20, 50, 100];
const MONTH_STEPS = [1, 3, 6];
const DAY_STEPS = [1, 7, 14];
const MONTH_DAYS = 30.4;
const YEAR_DAYS = 365.25;

/** Returns where the axis is labelled: at least `gap` pixels apart. */
export function ticksOf(view: View, width: number, gap = 64): readonly Tick[] {
  const least = ((view.to - view.from) / Math.max(1, width)) * gap;
  const days = DAY_STEPS.find((step) => step >= least);
  if (days !== undefined) {
    return dayTicks(view, days);
  }
  const months = MONTH_STEPS.find((step) => step * MONTH_DAYS >= least);
  if (months !== undefined) {
    return monthTicks(view, months);
  }
  return yearTicks(view, YEAR_STEPS.find((step) => step * YEAR_DAYS >= least) ?? 100);
}

function dayTicks(view: View, step: number): readonly Tick[] {
  const ticks: Tick[] = [];
  for (let day = Math.ceil(view.from / step) * step; day <= view.to; day += step) {
    const date = new Date(day * 86_400_000);
    const isMain = date.getUTCDate() <= step;
    const month = MONTHS[date.getUTCMonth()];
    const year = isMain && date.getUTCMonth() === 0 ? ` ${date.getUTCFullYear()}` : '';
    ticks.push({ day, label: `${date.getUTCDate()} ${month}${year}`, isMain });
  }
  return ticks;
}

function monthTicks(view: View, step: number): readonly Tick[] {
  const ticks: Tick[] = [];
  const year = yearOf(view.from);
  for (let month = Math.floor(monthOf(view.from) / step) * step; ; month += step) {
    const day = dayOfMonth(year, month);
    if (day > view.to) {
      return ticks;
    }
    if (day >= view.from) {
      const isMain = month % 12 === 0;
      const label = isMain ? String(year + month / 12) : (MONTHS[month % 12] ?? '');
      ticks.push({ day, label, isMain });
    }
  }
}

function yearTicks(view: View, step: number): readonly Tick[] {
  const ticks: Tick[] = [];
  for (let year = Math.ceil(yearOf(view.from) / step) * step; ; year += step) {
    const day = dayOfMonth(year, 0);
    if (day > view.to) {
      return ticks;
    }
    if (day >= view.from) {
      ticks.push({ day, label: String(year), isMain: year % (step * 5) === 0 });
    }
  }
}
