import { readableNumber } from '../amount';

export interface ToldCount {
  /** Undefined or null: too few to be told. */
  readonly value?: number | null | undefined;
  readonly text: string;
  /** Whether it tells about how many there are, and no more. */
  readonly isProtected: boolean;
}

/** Returns a count as people read it: 1,204, about 1,200, <5. */
export function readableCount({ value, text, isProtected }: ToldCount): string {
  if (typeof value !== 'number') {
    return text;
  }
  return isProtected && value > 0 ? `about ${readableNumber(value)}` : readableNumber(value);
}

/** Returns whether it is known that there is nobody: of few it is not told. */
export function isExactlyNobody(told: ToldCount | undefined): boolean {
  return told?.value === 0 && !told.isProtected;
}

/** What is told of all whom too few are, and of nobody: the two are told alike. */
export const TOO_FEW: ToldCount = { value: null, text: '<5', isProtected: true };
