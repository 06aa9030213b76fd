import { useDebouncedCallback } from '@mantine/hooks';
import { useCallback, useEffect, useRef, useState } from 'react';
import { placedView, type TimelinePlace, writeView } from '~/domain/timeline/place';
import { type View, within } from '~/domain/timeline/scale';
import type { Change } from './usePlace';

const RESTING_MS = 300;

export interface ViewState {
  readonly view: View;
  readonly whole: View;
  readonly isWhole: boolean;
  readonly show: (next: View | ((view: View) => View)) => void;
}

/** Keeps which days are shown; once somebody rests, the address says so, too. */
export function useView(whole: View, place: TimelinePlace, change: Change): ViewState {
  const [view, setView] = useState(() => within(placedView(place) ?? whole, whole));
  const written = useRef(`${place.from} ${place.to}`);
  const write = useDebouncedCallback((next: View) => {
    const isWhole = covers(next, whole);
    const { from, to } = isWhole ? { from: '', to: '' } : writeView(next);
    written.current = `${from || undefined} ${to || undefined}`;
    change({ from, to });
  }, RESTING_MS);
  useEffect(() => {
    // The browser's way back leads to other days.
    if (`${place.from} ${place.to}` !== written.current) {
      written.current = `${place.from} ${place.to}`;
      setView(within(placedView(place) ?? whole, whole));
    }
  }, [place, whole]);
  const current = useRef(view);
  current.current = view;
  const show = useCallback(
    (next: View | ((view: View) => View)) => {
      const wanted = typeof next === 'function' ? next(current.current) : next;
      const shown = within(wanted, whole);
      current.current = shown;
      setView(shown);
      write(shown);
    },
    [whole, write],
  );
  return { view, whole, isWhole: covers(view, whole), show };
}

function covers(view: View, whole: View): boolean {
  return view.to - view.from >= whole.to - whole.from - 0.5;
}
