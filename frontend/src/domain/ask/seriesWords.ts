import { counted } from '~/domain/amount';
import { joined } from '~/domain/plainText';

interface Series {
  readonly modality: string;
  readonly bodyPart: string;
  readonly modelName: string;
  readonly numberOfInstances: number;
  readonly sliceThicknessMm?: number | null | undefined;
  readonly kvp?: number | null | undefined;
  readonly magneticFieldStrengthT?: number | null | undefined;
}

/** Returns a series in words: CT CHEST, 240 images, 1 mm, 120 kV, Revolution. */
export function seriesWords(series: Series): string {
  return joined(
    [
      joined([series.modality, series.bodyPart], ' '),
      counted(series.numberOfInstances, 'image'),
      withUnit(series.sliceThicknessMm, 'mm'),
      withUnit(series.kvp, 'kV'),
      withUnit(series.magneticFieldStrengthT, 'T'),
      series.modelName,
    ],
    ', ',
  );
}

function withUnit(number: number | null | undefined, unit: string): string {
  return typeof number === 'number' ? `${number} ${unit}` : '';
}
