/** A code, its scheme and what it means (DICOM PS3.3 8.8). */
export interface Code {
  readonly value: string;
  readonly scheme: string;
  readonly meaning: string;
}

/** Codes of one's own are of this scheme, unless somebody says another one. */
const LOCAL_SCHEME = '99LOCAL';

export const NO_CODE: Code = { value: '', scheme: LOCAL_SCHEME, meaning: '' };

/** Returns whether all of a code is said. */
export function isWhole({ value, scheme, meaning }: Code): boolean {
  return [value, scheme, meaning].every((part) => part.trim() !== '');
}

/** Returns a code as a browser keeps it. */
export function textOfCode({ value, scheme, meaning }: Code): string {
  return [value, scheme, meaning].join('\t');
}

/** Returns the code that a browser has kept; what is none is empty. */
export function codeOfText(text: string | null): Code {
  const [value = '', scheme = '', meaning = ''] = text?.split('\t') ?? [];
  return value && scheme && meaning ? { value, scheme, meaning } : NO_CODE;
}
