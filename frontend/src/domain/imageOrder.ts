import type { DataSet } from './dataSet';

const ROWS = '00280010';
const INSTANCE_NUMBER = '00200013';
const POSITION = '00200032';
const ORIENTATION = '00200037';
const NUMBER_OF_FRAMES = '00280008';

/** Returns the instances that have pixels, as they lie in space, else by their numbers. */
export function imagesInOrder(dataSets: readonly DataSet[]): readonly DataSet[] {
  const images = dataSets.filter((one) => numbersOf(one, ROWS).length > 0);
  const normal = normalOf(images[0]);
  const places = images.map((one) => placeAlong(one, normal));
  const isStack = new Set(places).size === images.length && !places.includes(undefined);
  const key = (at: number) =>
    (isStack ? places[at] : numbersOf(images[at], INSTANCE_NUMBER)[0]) ?? 0;
  return images
    .map((image, at) => ({ image, key: key(at) }))
    .sort((a, b) => a.key - b.key)
    .map(({ image }) => image);
}

export function numberOfFrames(dataSet: DataSet): number {
  return Math.max(1, numbersOf(dataSet, NUMBER_OF_FRAMES)[0] ?? 1);
}

/** Returns the numbers of an attribute; what is none is left out. */
function numbersOf(dataSet: DataSet | undefined, tag: string): readonly number[] {
  const values = dataSet?.[tag]?.Value ?? [];
  return values.map(Number).filter(Number.isFinite);
}

/** Returns the direction across the slices: that of the first holds for all. */
function normalOf(dataSet: DataSet | undefined): readonly number[] | undefined {
  const [a, b, c, d, e, f] = numbersOf(dataSet, ORIENTATION);
  if (a === undefined || b === undefined || c === undefined) {
    return undefined;
  }
  if (d === undefined || e === undefined || f === undefined) {
    return undefined;
  }
  return [b * f - c * e, c * d - a * f, a * e - b * d];
}

function placeAlong(dataSet: DataSet, normal: readonly number[] | undefined) {
  const position = numbersOf(dataSet, POSITION);
  if (normal === undefined || position.length !== normal.length) {
    return undefined;
  }
  return position.reduce((sum, value, at) => sum + value * (normal[at] ?? 0), 0);
}
