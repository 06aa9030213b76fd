/** Returns what the page's policy wants on each style tag that a script adds. */
export function styleNonce(): string {
  // Browsers show a nonce to scripts as a property only.
  return document.querySelector<HTMLMetaElement>('meta[property=csp-nonce]')?.nonce ?? '';
}
