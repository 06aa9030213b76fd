/** Words of a question by their place: offsets count characters, as the server does. */
export interface Words {
  readonly start: number;
  readonly end: number;
}

export interface Piece {
  readonly text: string;
  /** Which of the marks it is of; undefined: none. */
  readonly mark: number | undefined;
}

/** Returns a question in pieces: what is marked, and what lies between. */
export function piecesOf(question: string, marks: readonly Words[]): readonly Piece[] {
  const characters = Array.from(question);
  const pieces: Piece[] = [];
  let at = 0;
  const take = (end: number, mark: number | undefined) => {
    if (end > at) {
      pieces.push({ text: characters.slice(at, end).join(''), mark });
      at = end;
    }
  };
  const ordered = marks.map((each, mark) => ({ ...each, mark }));
  ordered.sort((one, other) => one.start - other.start);
  for (const { start, end, mark } of ordered) {
    if (start >= at) {
      take(Math.min(start, characters.length), undefined);
      take(Math.min(end, characters.length), mark);
    }
  }
  take(characters.length, undefined);
  return pieces;
}

/** Returns a question with some of its words said in another way. */
export function saidAs(question: string, { start, end }: Words, words: string): string {
  const characters = Array.from(question);
  return [...characters.slice(0, start), words, ...characters.slice(end)].join('');
}

/** Returns what is asked back, as people say it: `code:MS` is MS. */
export function slotWords(slot: string): string {
  const at = slot.indexOf(':');
  return at < 0 ? slot : slot.slice(at + 1);
}
