import { expect, test } from 'vitest';
import { FACET_KEYS, FACETS, offered, readValues, withValue, writeValues } from './facet';

const [MODALITY, , , YEAR] = FACETS;

test('each facet has a key of its own', () => {
  expect(FACETS.map(({ key }) => key)).toEqual(FACET_KEYS);
});

test.each([
  [['CT']],
  [['CT', 'MR']],
  [['a,b', 'c\\', '\\,', 'd\\,e']],
  [['<img src=x onerror="alert(1)">', '%2C&x=1', '*']],
])('values come back from an address as they were: %s', (values) => {
  expect(readValues(writeValues(values))).toEqual(values);
});

test('what people write into an address is read', () => {
  expect(readValues('CT, MR,,CT')).toEqual(['CT', 'MR']);
  expect(readValues('a\\')).toEqual(['a\\']);
  expect(readValues(undefined)).toEqual([]);
  expect(readValues(Array.from({ length: 99 }, (_, at) => at).join())).toHaveLength(50);
});

test('a value is chosen, and taken back', () => {
  expect(withValue(undefined, 'CT')).toBe('CT');
  expect(withValue('CT', 'a,b')).toBe('CT,a\\,b');
  expect(withValue('CT,a\\,b', 'CT')).toBe('a\\,b');
  expect(withValue('CT', 'CT')).toBe('');
});

test('what is chosen is offered, whether a study has it or not', () => {
  const counted = [
    { value: '2019', count: 4 },
    { value: '2021', count: 3 },
  ];
  expect(MODALITY && offered(MODALITY, counted, ['2021', '2020'])).toEqual([
    { value: '2019', count: 4 },
    { value: '2021', count: 3 },
    { value: '2020', count: 0 },
  ]);
  const years = YEAR && offered(YEAR, counted, ['2020']).map(({ value }) => value);
  expect(years).toEqual(['2021', '2020', '2019']);
});

test('where not all values are told, nobody knows how many have another', () => {
  const counted = Array.from({ length: 50 }, (_, at) => ({ value: `V${at}`, count: 1 }));
  expect(MODALITY && offered(MODALITY, counted, ['X']).at(-1)).toEqual({
    value: 'X',
    count: undefined,
  });
});
