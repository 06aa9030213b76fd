import { useCallback, useEffect, useRef } from 'react';

/** Changes that come together are looked at together. */
const TOGETHER_MS = 300;
/** However much is heard, so long passes between two looks. */
const APART_MS = 1_500;

/**
 * Returns what has something done soon: once for all that is heard meanwhile, never twice at
 * the same time, and not without a pause.
 */
export function useHearing(act: () => Promise<unknown>): () => void {
  const acting = useRef(act);
  acting.current = act;
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const state = useRef({ isRunning: false, isHeard: false, last: 0 });
  const hear = useCallback(() => {
    const now = state.current;
    now.isHeard = true;
    if (timer.current !== undefined || now.isRunning) {
      return;
    }
    const wait = Math.max(TOGETHER_MS, now.last + APART_MS - Date.now());
    timer.current = setTimeout(async () => {
      timer.current = undefined;
      now.isRunning = true;
      now.isHeard = false;
      now.last = Date.now();
      await acting.current();
      now.isRunning = false;
      if (now.isHeard) {
        hear();
      }
    }, wait);
  }, []);
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      timer.current = undefined;
    },
    [],
  );
  return hear;
}
