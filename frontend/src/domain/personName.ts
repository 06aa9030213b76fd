export interface PersonName {
  readonly alphabetic?: string | null;
  readonly ideographic?: string | null;
  readonly phonetic?: string | null;
}

/** Returns a person's name as people read it: family name, given and middle names. */
export function readableName(name: PersonName | null | undefined): string {
  const latin = readable(name?.alphabetic ?? '');
  const ideographic = (name?.ideographic ?? '').replaceAll('^', ' ').trim();
  if (latin && ideographic) {
    return `${latin} (${ideographic})`;
  }
  return latin || ideographic;
}

function readable(alphabetic: string): string {
  const [family = '', ...rest] = alphabetic.split('^');
  const [given = '', middle = '', prefix = '', suffix = ''] = rest;
  const after = [prefix, given, middle, suffix].map((part) => part.trim()).filter(Boolean);
  return [family.trim(), after.join(' ')].filter(Boolean).join(', ');
}
