/** Returns what finds texts that begin so; who writes wild cards has their own. */
export function beginning(text: string): string {
  return hasWildCard(text) ? text : `${text}*`;
}

/** Returns what finds texts in which it stands; who writes wild cards has their own. */
export function containing(text: string): string {
  return hasWildCard(text) ? text : `*${text}*`;
}

function hasWildCard(text: string): boolean {
  return /[*?]/.test(text);
}
