import type { DataSet, Element } from './dataSet';

/** An element of a data set as a line to read, search and copy. */
export interface TagRow {
  /** Where it stands: tags and item numbers, `00081140[1].00081155`. */
  readonly path: string;
  readonly tag: string;
  readonly name: string;
  readonly vr: string;
  /** The whole of it, as it is searched and copied. */
  readonly value: string;
  readonly depth: number;
}

const MAXIMUM_ROWS = 20_000;
const MAXIMUM_DEPTH = 20;
const LONGEST_SHOWN = 2_000;

/** Returns the elements of a data set, those of sequences below them, in their order. */
export function tagRows(
  dataSet: DataSet,
  nameOf: (tag: string) => string | undefined,
): readonly TagRow[] {
  const rows: TagRow[] = [];
  add(rows, dataSet, nameOf, '', 0);
  return rows;
}

function add(
  rows: TagRow[],
  dataSet: DataSet,
  nameOf: (tag: string) => string | undefined,
  above: string,
  depth: number,
): void {
  for (const tag of Object.keys(dataSet).sort()) {
    const element = dataSet[tag];
    if (element === undefined || rows.length >= MAXIMUM_ROWS) {
      return;
    }
    const path = `${above}${tag}`;
    const name = nameOf(tag) ?? (isPrivate(tag) ? 'private' : '');
    rows.push({ path, tag, name, vr: element.vr, value: readableValue(element), depth });
    if (element.vr === 'SQ' && depth < MAXIMUM_DEPTH) {
      const items = element.Value ?? [];
      items.forEach((item, at) => {
        if (isDataSet(item)) {
          add(rows, item, nameOf, `${path}[${at + 1}].`, depth + 1);
        }
      });
    }
  }
}

/** Returns whether words stand in a row, in any order. */
export function matches(row: TagRow, words: readonly string[]): boolean {
  const text = `${row.tag} ${grouped(row.tag)} ${row.name} ${row.value}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

export function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().split(/\s+/).filter(Boolean);
}

/** Returns a tag as the standard writes it: `(0010,0020)`. */
export function grouped(tag: string): string {
  return `(${tag.slice(0, 4)},${tag.slice(4)})`;
}

/** Returns as much of a value as a table shows. */
export function shownValue({ value }: TagRow): string {
  return value.length > LONGEST_SHOWN ? `${value.slice(0, LONGEST_SHOWN)} …` : value;
}

/** Returns rows as text for other programs: one a line, columns by tabs. */
export function asText(rows: readonly TagRow[]): string {
  return rows.map(({ path, name, vr, value }) => [path, name, vr, value].join('\t')).join('\n');
}

function isPrivate(tag: string): boolean {
  return Number.parseInt(tag.slice(0, 4), 16) % 2 === 1;
}

function isDataSet(item: unknown): item is DataSet {
  return typeof item === 'object' && item !== null;
}

function readableValue(element: Element): string {
  if (element.vr === 'SQ') {
    const items = element.Value?.length ?? 0;
    return items === 1 ? '1 item' : `${items} items`;
  }
  if (element.BulkDataURI !== undefined || element.InlineBinary !== undefined) {
    return 'binary data';
  }
  return (element.Value ?? []).map(readableOne).join(' \\ ');
}

function readableOne(value: unknown): string {
  if (typeof value === 'object' && value !== null) {
    // A person's name, by component groups.
    return Object.values(value).map(String).join('=');
  }
  return value === null || value === undefined ? '' : String(value);
}
