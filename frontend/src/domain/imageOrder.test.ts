import { expect, test } from 'vitest';
import type { DataSet } from './dataSet';
import { imagesInOrder, numberOfFrames } from './imageOrder';

const ACROSS = [0, 1, 0, 0, 0, -1]; // sagittal: slices lie along x

function image(number: number, position?: number[], more: DataSet = {}): DataSet {
  return {
    '00280010': { vr: 'US', Value: [64] },
    '00200013': { vr: 'IS', Value: [number] },
    ...(position && { '00200032': { vr: 'DS', Value: position } }),
    '00200037': { vr: 'DS', Value: ACROSS },
    ...more,
  };
}

function numbers(dataSets: readonly DataSet[]): unknown[] {
  return imagesInOrder(dataSets).map((one) => one['00200013']?.Value?.[0]);
}

test('slices lie as they do in space, whatever their numbers', () => {
  expect(numbers([image(1, [3, 9, 9]), image(2, [-2, 5, 0]), image(3, [10, 0, 0])])).toEqual([
    3, 1, 2,
  ]);
});

test('without places of their own they go by number', () => {
  expect(numbers([image(3, [1, 0, 0]), image(1, [1, 0, 0]), image(2)])).toEqual([1, 2, 3]);
  expect(numbers([image(2), image(1)])).toEqual([1, 2]);
});

test('what has no pixels is no image', () => {
  expect(imagesInOrder([{ '00200013': { vr: 'IS', Value: [1] } }])).toEqual([]);
});

test('frames are counted', () => {
  expect(numberOfFrames(image(1))).toBe(1);
  expect(numberOfFrames(image(1, undefined, { '00280008': { vr: 'IS', Value: [30] } }))).toBe(30);
  expect(numberOfFrames(image(1, undefined, { '00280008': { vr: 'IS', Value: ['x'] } }))).toBe(1);
});
