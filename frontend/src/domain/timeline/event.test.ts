import { expect, test } from 'vitest';
import { COLUMNS, eventOf, rowOf } from '~/test/timeline';
import { dayOf } from './days';
import { readTimeline, titleOf } from './event';

test('rows are read by the names of their columns, in whichever order', () => {
  const row = rowOf('MEDICATION', '2020-01-02', { label: 'Doxorubicin', endLast: '9999-12-31' });
  const [one] = readTimeline({ columns: COLUMNS, rows: [row] });
  const [other] = readTimeline({ columns: COLUMNS.toReversed(), rows: [row.toReversed()] });
  expect(other).toEqual(one);
  expect(one?.lane).toBe('drugs');
  expect(one?.start).toEqual([dayOf('2020-01-02'), dayOf('2020-01-02')]);
  expect(one?.end).toBe(Number.POSITIVE_INFINITY);
});

test('a study is called by its UID, other things by their resource', () => {
  expect(eventOf('IMAGING', '2020-01-02', { studies: ['1.2.3'] }).key).toBe('1.2.3');
  expect(eventOf('REPORT', '2020-01-02', { resource: 'DiagnosticReport/r' }).key).toBe(
    'DiagnosticReport/r',
  );
});

test('components of one observation have a key each', () => {
  const same = { resource: 'Observation/bp' };
  const rows = [120, 80].map((value) => rowOf('OBSERVATION', '2020-01-02', { ...same, value }));
  const keys = readTimeline({ columns: COLUMNS, rows }).map(({ key }) => key);
  expect(keys).toEqual(['Observation/bp', 'Observation/bp.2']);
});

test('what has no date, no name or no known kind is there still', () => {
  const event = eventOf('SOMETHING', null, { label: '' });
  expect(event.start).toBeUndefined();
  expect([event.lane, event.label]).toEqual(['others', 'Without a name']);
  expect(readTimeline({ columns: COLUMNS, rows: null })).toEqual([]);
});

test.each([
  [eventOf('IMAGING', null, { label: 'Chest', category: 'CT' }), 'CT: Chest'],
  [eventOf('IMAGING', null, { label: '', category: 'CT' }), 'CT'],
  [eventOf('OBSERVATION', null, { label: 'K', value: '4.10', unit: 'mmol/L' }), 'K: 4.10 mmol/L'],
  [eventOf('CONDITION', null, { label: 'Flu' }), 'Flu'],
])('an event has a title', (event, title) => {
  expect(titleOf(event)).toBe(title);
});
