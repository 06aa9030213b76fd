import text from './dictionary.txt?raw';

/** Tags with the keywords of DICOM PS3.6; tests/frontend/test_dictionary.py keeps them. */
const KEYWORDS: ReadonlyMap<string, string> = new Map(
  text.split('\n').map((line) => [line.slice(0, 8), line.slice(8)]),
);

/** Returns the keyword of a tag (8 hexadecimal digits), or nothing. */
export function nameOf(tag: string): string | undefined {
  return KEYWORDS.get(tag);
}
