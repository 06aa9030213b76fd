import { expect, test } from 'vitest';
import { filterOf, isNarrowed, readStudySearch, sortOf } from './studySearch';

test('an address is read, and what means nothing is left out', () => {
  expect(
    readStudySearch({ patient: ' doe ', id: '', sort: '-StudyDate', color: 'red', look: '1.2' }),
  ).toEqual({ patient: 'doe', sort: '-StudyDate', look: '1.2' });
  expect(readStudySearch({ sort: 'PixelData', id: 7 })).toEqual({});
  expect(readStudySearch({ id: 'x'.repeat(999) }).id).toHaveLength(200);
});

test('a search becomes a filter of the graph', () => {
  expect(filterOf({})).toBeNull();
  expect(filterOf({ sort: 'PatientName', look: '1.2' })).toBeNull();
  expect(
    filterOf({
      words: 'smith ct',
      patient: 'doe ja',
      id: 'P-1',
      accession: 'A?7',
      description: 'thorax',
      modality: 'CT,MR',
      model: 'a\\,b',
      from: '2020-01-31',
      until: '2020',
    }),
  ).toEqual({
    words: 'smith ct',
    patientName: { anyOf: ['doe ja'], fuzzy: true },
    patientId: { anyOf: ['P-1*'] },
    accessionNumber: { anyOf: ['A?7'] },
    studyDescription: { anyOf: ['*thorax*'] },
    studyDate: { from: '20200131', until: '20201231' },
    facets: [
      { name: 'MODALITY', anyOf: ['CT', 'MR'] },
      { name: 'MANUFACTURER_MODEL', anyOf: ['a,b'] },
    ],
  });
});

test('only what may be sorted by is', () => {
  expect(sortOf('-PatientID')).toEqual({ keyword: 'PatientID', isDescending: true });
  expect(sortOf('PatientID')).toEqual({ keyword: 'PatientID', isDescending: false });
  expect(sortOf('--PatientID').keyword).toBeUndefined();
  expect(sortOf(undefined).keyword).toBeUndefined();
});

test('an order narrows nothing, a filter does', () => {
  expect(isNarrowed({ sort: 'PatientID', look: '1.2' })).toBe(false);
  expect(isNarrowed({ modality: 'CT' })).toBe(true);
});
