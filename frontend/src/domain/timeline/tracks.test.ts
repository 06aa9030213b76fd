import { expect, test } from 'vitest';
import { eventOf } from '~/test/timeline';
import { MOST_ROWS, packed, tracksOf } from './tracks';

function drug(from: string, to: string) {
  return eventOf('MEDICATION', from, { endFirst: to, endLast: to });
}

test('what takes longer lies in rows, none over another', () => {
  const { bars, left } = packed([
    drug('2020-01-01', '2020-03-01'),
    drug('2020-02-01', '2020-04-01'),
    drug('2020-03-02', '9999-12-31'),
    eventOf('MEDICATION', '2020-05-01'),
  ]);
  expect(bars.map(({ row }) => row)).toEqual([0, 1, 0]);
  expect(bars[2]?.to).toBe(Number.POSITIVE_INFINITY);
  expect(left).toHaveLength(1);
});

test('what finds no row is a dot', () => {
  const drugs = Array.from({ length: MOST_ROWS + 3 }, () => drug('2020-01-01', '2020-03-01'));
  const { bars, left } = packed(drugs);
  expect(bars).toHaveLength(MOST_ROWS);
  expect(left).toHaveLength(3);
});

test('a visit of a day is a dot, a stay is a bar', () => {
  const visit = eventOf('ENCOUNTER', '2020-01-01', { endLast: '2020-01-01' });
  const stay = eventOf('ENCOUNTER', '2020-01-01', { endLast: '2020-01-09' });
  const { bars, left } = packed([visit, stay]);
  expect(bars.map(({ event }) => event)).toEqual([stay]);
  expect(left).toEqual([visit]);
});

test('a month that something began in is an interval, and said to be vague', () => {
  const begun = eventOf('CONDITION', '2020-02-01', { startLast: '2020-02-29' });
  const [bar] = packed([begun]).bars;
  expect(bar && bar.to - bar.from).toBe(29);
  expect(bar?.isVague).toBe(true);
});

test('each lane has a track, each lab a curve, and what has no date none', () => {
  const lab = (date: string, value: string) =>
    eventOf('OBSERVATION', date, { label: 'Potassium', value, unit: 'mmol/L' });
  const tracks = tracksOf([
    eventOf('CONDITION', '2019-01-01'),
    lab('2020-01-01', '4.1'),
    lab('2020-02-01', '<3'),
    eventOf('OBSERVATION', '2020-02-02', { value: 'positive' }),
    eventOf('IMAGING', '2020-03-01', { studies: ['1.2'] }),
    eventOf('PROCEDURE', null),
  ]);
  expect(tracks.map(({ title }) => title)).toEqual([
    'Imaging',
    'Conditions',
    'Potassium',
    'Other findings',
  ]);
  expect(tracks[2]?.curve?.points.map(({ value }) => value)).toEqual([4.1, 3]);
});
