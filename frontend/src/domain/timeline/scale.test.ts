import { expect, test } from 'vitest';
import { dayOf } from './days';
import { dayAt, LEAST_DAYS, panned, showing, ticksOf, viewOf, within, xOf, zoomed } from './scale';

const WHOLE = { from: 0, to: 10_000 };

test('days and pixels are the same there and back', () => {
  const view = { from: 100, to: 300 };
  expect(xOf(200, view, 800)).toBe(400);
  expect(dayAt(xOf(123.5, view, 800), view, 800)).toBeCloseTo(123.5);
});

test('zooming keeps the day below the pointer where it is', () => {
  const view = { from: 1_000, to: 3_000 };
  const next = zoomed(view, 0.5, 1_500, WHOLE);
  expect(next.to - next.from).toBeCloseTo(1_000);
  expect(xOf(1_500, next, 800)).toBeCloseTo(xOf(1_500, view, 800));
});

test('zooming ends at the whole, and at a week', () => {
  expect(zoomed({ from: 0, to: 9_000 }, 10, 500, WHOLE)).toEqual(WHOLE);
  const near = zoomed({ from: 500, to: 510 }, 0.01, 505, WHOLE);
  expect(near.to - near.from).toBeCloseTo(LEAST_DAYS);
});

test('moving ends at the ends of the whole', () => {
  expect(panned({ from: 100, to: 200 }, -500, WHOLE)).toEqual({ from: 0, to: 100 });
  expect(panned({ from: 100, to: 200 }, 50_000, WHOLE)).toEqual({ from: 9_900, to: 10_000 });
});

test('a day that is not seen comes into view; one that is seen moves nothing', () => {
  const view = { from: 1_000, to: 2_000 };
  expect(showing(view, 1_500, WHOLE)).toEqual(view);
  for (const day of [200, 5_000]) {
    const next = showing(view, day, WHOLE);
    expect(next.from).toBeLessThan(day);
    expect(next.to).toBeGreaterThan(day);
    expect(next.to - next.from).toBeCloseTo(1_000);
  }
});

test('a view of one day shows days around it', () => {
  const { from, to } = viewOf(100, 100);
  expect(from).toBeLessThan(97);
  expect(to).toBeGreaterThan(103);
});

test('what an address asks for stays in the whole', () => {
  expect(within({ from: -500, to: 20_000 }, WHOLE)).toEqual(WHOLE);
});

test.each([
  ['2020-01-01', '2020-01-15', 800],
  ['2020-01-01', '2020-06-30', 800],
  ['2015-03-01', '2020-06-30', 800],
  ['1950-01-01', '2026-01-01', 300],
  ['1850-01-01', '2026-01-01', 1_600],
])('from %s to %s on %i pixels the labels have room', (first, last, width) => {
  const view = { from: dayOf(first) ?? 0, to: dayOf(last) ?? 0 };
  const ticks = ticksOf(view, width);
  expect(ticks.length).toBeGreaterThan(1);
  const places = ticks.map(({ day }) => xOf(day, view, width));
  for (const [at, x] of places.slice(1).entries()) {
    expect(x - (places[at] ?? 0)).toBeGreaterThan(55);
  }
  expect(new Set(ticks.map(({ label }) => label)).size).toBeGreaterThan(1);
});
