/** The session of this browser: its proof against other sites, and the way to sign in. */

const TOKEN = /(?:^|;\s*)csrftoken=([^;]+)/;

/** Returns the token that Django wants with each form, or nothing. */
export function csrfToken(): string {
  return TOKEN.exec(document.cookie)?.[1] ?? '';
}

/** Returns the sign-in page that leads back to where somebody is. */
export function signInAddress(place: Location = window.location): string {
  const back = `${place.pathname}${place.search}${place.hash}`;
  return `/sign-in/?next=${encodeURIComponent(back)}`;
}

let isLeaving = false;

/** Leaves for the sign-in page: the session has ended. Who asks first is enough. */
export function goToSignIn(): void {
  if (!isLeaving) {
    isLeaving = true;
    window.location.assign(signInAddress());
  }
}
