/** Reads the query of an address: texts, each key once. */
export function readQuery(query: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(query));
}

/** Writes the query of an address, as plain as people would. */
export function writeQuery(search: Readonly<Record<string, unknown>>): string {
  const written = new URLSearchParams();
  for (const [key, value] of Object.entries(search)) {
    if (value !== undefined && value !== null && value !== '') {
      written.set(key, String(value));
    }
  }
  const text = written.toString();
  return text ? `?${text}` : '';
}
