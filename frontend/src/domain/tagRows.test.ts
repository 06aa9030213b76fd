import { expect, test } from 'vitest';
import type { DataSet } from './dataSet';
import { asText, grouped, matches, tagRows, wordsOf } from './tagRows';

const DATA: DataSet = {
  '00100020': { vr: 'LO', Value: ['P-1'] },
  '00080008': { vr: 'CS', Value: ['ORIGINAL', 'PRIMARY'] },
  '00100010': { vr: 'PN', Value: [{ Alphabetic: '<b>Doe</b>^Jane', Ideographic: '山' }] },
  '00081140': {
    vr: 'SQ',
    Value: [{ '00081155': { vr: 'UI', Value: ['1.2.3'] } }, null, {}],
  },
  '00110010': { vr: 'LO', Value: ['ACME'] },
  '00104000': { vr: 'LT' },
  '7FE00010': { vr: 'OW', BulkDataURI: 'somewhere' },
};
const NAMES: Readonly<Record<string, string>> = { '00100020': 'PatientID' };
const rows = tagRows(DATA, (tag) => NAMES[tag]);

test('elements stand in the order of their tags, items below their sequence', () => {
  expect(rows.map(({ path, value, depth }) => [path, value, depth])).toEqual([
    ['00080008', 'ORIGINAL \\ PRIMARY', 0],
    ['00081140', '3 items', 0],
    ['00081140[1].00081155', '1.2.3', 1],
    ['00100010', '<b>Doe</b>^Jane=山', 0],
    ['00100020', 'P-1', 0],
    ['00104000', '', 0],
    ['00110010', 'ACME', 0],
    ['7FE00010', 'binary data', 0],
  ]);
  expect(rows.find(({ tag }) => tag === '00110010')?.name).toBe('private');
});

test.each([
  ['patientid', ['00100020']],
  ['(0010,0020)', ['00100020']],
  ['00100020', ['00100020']],
  ['p-1 0010', ['00100020']],
  ['jane', ['00100010']],
  ['no such thing', []],
])('%s finds %s', (text, expected) => {
  const words = wordsOf(text);
  expect(rows.filter((row) => matches(row, words)).map(({ tag }) => tag)).toEqual(expected);
});

test('what is copied has a line for each', () => {
  expect(asText(rows.slice(4, 5))).toBe('00100020\tPatientID\tLO\tP-1');
  expect(grouped('7FE00010')).toBe('(7FE0,0010)');
});

test('a data set nested without end ends', () => {
  let deep: DataSet = { '00100020': { vr: 'LO', Value: ['x'] } };
  for (let at = 0; at < 100; at += 1) {
    deep = { '00081140': { vr: 'SQ', Value: [deep] } };
  }
  expect(tagRows(deep, () => undefined)).toHaveLength(21);
});
