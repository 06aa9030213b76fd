/** How a row is chosen: it is gone to, added or taken away, or ends a range. */
export type Picking = 'go' | 'range' | 'toggle';

/** Which things of a list are chosen, by their keys. */
export interface Selection {
  readonly keys: ReadonlySet<string>;
  /** Where a range begins: what was chosen, or gone to, last. */
  readonly anchor: string | undefined;
}

export const NOTHING_CHOSEN: Selection = { keys: new Set(), anchor: undefined };

/** Returns the selection once a thing is chosen that was not, or the other way round. */
export function toggled({ keys }: Selection, key: string): Selection {
  const changed = new Set(keys);
  if (!changed.delete(key)) {
    changed.add(key);
  }
  return { keys: changed, anchor: key };
}

/**
 * Returns the selection of all between the anchor and a thing, both with them.
 *
 * It takes the place of what was chosen before, as in lists of files: a range that has
 * become too long is made shorter again.
 *
 * @param order - The keys as they are listed.
 */
export function ranged({ anchor }: Selection, order: readonly string[], to: string): Selection {
  const end = order.indexOf(to);
  const found = anchor === undefined ? -1 : order.indexOf(anchor);
  const begin = found < 0 ? end : found;
  const keys = order.slice(Math.min(begin, end), Math.max(begin, end) + 1);
  return { keys: new Set(keys), anchor: found < 0 ? to : anchor };
}
