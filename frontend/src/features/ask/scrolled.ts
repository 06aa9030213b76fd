/** Has a table that scrolls be reached and scrolled by the keyboard, whatever is in it. */
export const SCROLLED = { viewportProps: { tabIndex: 0 } };
