/** What turns the direction of all that follows it: embeddings, overrides, isolates. */
const TURNS = /[\u202a-\u202e\u2066-\u2069]/g;
/** Letters that are written from the right to the left. */
const FROM_THE_RIGHT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;
const FIRST_STRONG_ISOLATE = '\u2068';
const POP_DIRECTIONAL_ISOLATE = '\u2069';

/**
 * Returns a text that turns nothing of the line it is put into.
 *
 * Where a text stands alone in an element, `<bdi>` keeps it to itself and leaves it whole;
 * this is for places that take no elements.
 */
export function unturned(text: string): string {
  return text.replace(TURNS, '');
}

/** Returns texts as one line, without those that are empty; none turns another. */
export function joined(
  texts: readonly (string | number | null | undefined)[],
  separator: string,
): string {
  return texts
    .map((text) => apart(unturned(String(text ?? ''))))
    .filter(Boolean)
    .join(separator);
}

/** A date behind a name in Arabic would else stand before it. */
function apart(text: string): string {
  return FROM_THE_RIGHT.test(text)
    ? `${FIRST_STRONG_ISOLATE}${text}${POP_DIRECTIONAL_ISOLATE}`
    : text;
}
