import { expect, test } from 'vitest';
import { eventOf } from '~/test/timeline';
import { columnsOf, curvesOf, numberOf } from './curves';
import { dateOf } from './days';

test.each([
  ['4.10', 4.1],
  ['<5', 5],
  ['>= 1e3', 1000],
  ['-2', -2],
  ['1 – 2', undefined],
  ['positive', undefined],
  ['', undefined],
])('%s is %s', (text, number) => {
  expect(numberOf(text)).toBe(number);
});

function lab(day: number, value: number, more: object = {}) {
  return eventOf('OBSERVATION', dateOf(day), { value, unit: 'mg/dL', code: 'a', ...more });
}

test('a curve is of one code in one unit; what was measured once is none', () => {
  const { curves, others } = curvesOf([
    lab(1, 5),
    lab(2, 6, { unit: 'mmol/L' }),
    lab(3, 7),
    lab(4, 8, { code: 'b' }),
    lab(5, 9),
  ]);
  expect(curves.map(({ points }) => points.map(({ value }) => value))).toEqual([[5, 7, 9]]);
  expect(curves[0]).toMatchObject({ low: 5, high: 9, unit: 'mg/dL' });
  expect(others.map(({ value }) => value)).toEqual(['6', '8']);
});

test('two measurements of a day stand in their order', () => {
  const late = lab(1, 2, { second: 80_000 });
  const early = lab(1, 1, { second: 100 });
  const [curve] = curvesOf([late, early]).curves;
  expect(curve?.points.map(({ value }) => value)).toEqual([1, 2]);
});

test('a long curve is drawn in columns that keep its highest and its lowest', () => {
  const events = Array.from({ length: 5_000 }, (_, at) => lab(at, at === 2_500 ? 999 : at % 7));
  const points = curvesOf(events).curves[0]?.points ?? [];
  const columns = columnsOf(points, (day) => day / 10, 500);
  expect(columns.length).toBeLessThanOrEqual(500 / 3 + 2);
  expect(Math.max(...columns.map(({ high }) => high))).toBe(999);
  expect(Math.min(...columns.map(({ low }) => low))).toBe(0);
});

test('the line goes on beyond both ends of what is seen', () => {
  const points = curvesOf([lab(0, 1), lab(10, 2), lab(20, 3)]).curves[0]?.points ?? [];
  const columns = columnsOf(points, (day) => (day - 5) * 10, 100);
  expect(columns.map(({ x }) => x)).toEqual([-50, 50, 150]);
});
