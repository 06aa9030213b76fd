import { dayOf } from '~/domain/timeline/days';
import { whenOf } from '~/domain/timeline/table';

/** Returns when something was, by the first and last day that it can have been. */
export function spanWords(
  first: string | null | undefined,
  last: string | null | undefined,
): string {
  const [from, to] = [dayOf(first), dayOf(last ?? first)];
  return from === undefined || to === undefined
    ? ''
    : whenOf({ start: [from, to], second: undefined });
}
