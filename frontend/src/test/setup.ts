import { cleanup, configure } from '@testing-library/react';
import { afterEach } from 'vitest';

// What jsdom lacks of a browser and the components ask for.
class NoObserver implements ResizeObserver {
  observe() {}
  unobserve() {}
  disconnect() {}
}

globalThis.ResizeObserver = NoObserver;
window.matchMedia = (media) =>
  Object.assign(new EventTarget(), {
    matches: false,
    media,
    onchange: null,
    addListener: () => undefined,
    removeListener: () => undefined,
  });
window.scrollTo = () => undefined;
Element.prototype.scrollTo = () => undefined;

// A busy machine takes its time.
configure({ asyncUtilTimeout: 15_000 });

// What is not found yet is looked for again, and each time Testing Library would write
// the whole page out: that takes longer than to look.
if (!process.env['DEBUG_PRINT_LIMIT']) {
  configure({ getElementError: (message) => new Error(message ?? undefined) });
}

afterEach(() => {
  cleanup();
  // Files of tests share a window.
  localStorage.clear();
  sessionStorage.clear();
});
