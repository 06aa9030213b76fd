import { expect, test } from 'vitest';
import { keptSearch, readViews } from './savedView';

test('a view keeps what is looked for, and never of whom', () => {
  const search = {
    patient: 'wolf',
    words: 'wolf chest',
    id: '1',
    accession: 'x',
    look: '1.2',
    modality: 'CT',
    sort: '-StudyDate',
    columns: 'date,patient',
  };
  expect(keptSearch(search)).toEqual({
    modality: 'CT',
    sort: '-StudyDate',
    columns: 'date,patient',
  });
});

test.each(['{', '5', 'null', '[1, null, {"name": 5}, {"name": " "}]'])(
  'what is no list of views is none: %s',
  (text) => {
    expect(readViews(text)).toEqual([]);
  },
);

test('what means nothing goes out of views that were kept', () => {
  const text = JSON.stringify([
    { name: 'odd', search: { modality: 'CT', sort: 'Nothing', other: 1, from: 7 } },
  ]);
  expect(readViews(text)).toEqual([{ name: 'odd', search: { modality: 'CT' } }]);
});
