import { type RefObject, useEffect, useRef } from 'react';
import { dayAt, panned, zoomed } from '~/domain/timeline/scale';
import type { ViewState } from './useView';

const WHEEL_STEP = 0.0015;
/** So far a pointer may move and still only point. */
const STILL_PX = 4;

interface Options extends ViewState {
  readonly frame: RefObject<HTMLElement | null>;
  /** What of the frame is no time line, at its left. */
  readonly gutter: number;
  readonly width: number;
}

/** Has the wheel zoom and a drag move; tells whether the last press was a drag. */
export function useGestures(options: Options): () => boolean {
  const { frame } = options;
  const known = useRef(options);
  known.current = options;
  const dragged = useRef(false);
  useEffect(() => {
    const element = frame.current;
    if (element === null) {
      return undefined;
    }
    const turn = (event: WheelEvent) => {
      const { view, whole, width, gutter, show } = known.current;
      const x = event.clientX - element.getBoundingClientRect().left - gutter;
      if (x < 0) {
        return;
      }
      const sideways = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
      const isPan = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
      const next = isPan
        ? panned(view, (sideways / width) * (view.to - view.from), whole)
        : zoomed(view, Math.exp(event.deltaY * WHEEL_STEP), dayAt(x, view, width), whole);
      // Where nothing is left to zoom, the page goes on.
      if (next.from !== view.from || next.to !== view.to) {
        event.preventDefault();
        show(next);
      }
    };
    const press = (event: PointerEvent) => {
      const left = element.getBoundingClientRect().left + known.current.gutter;
      dragged.current = false;
      if (event.button !== 0 || event.clientX < left) {
        return;
      }
      const begin = { x: event.clientX, view: known.current.view };
      const move = (moved: PointerEvent) => {
        const { whole, width, show } = known.current;
        const by = moved.clientX - begin.x;
        if (dragged.current || Math.abs(by) > STILL_PX) {
          dragged.current = true;
          const days = (-by / width) * (begin.view.to - begin.view.from);
          show(panned(begin.view, days, whole));
        }
      };
      const end = () => {
        window.removeEventListener('pointermove', move);
        window.removeEventListener('pointerup', end);
        window.removeEventListener('pointercancel', end);
      };
      window.addEventListener('pointermove', move);
      window.addEventListener('pointerup', end);
      window.addEventListener('pointercancel', end);
    };
    element.addEventListener('wheel', turn, { passive: false });
    element.addEventListener('pointerdown', press);
    return () => {
      element.removeEventListener('wheel', turn);
      element.removeEventListener('pointerdown', press);
    };
  }, [frame]);
  return () => dragged.current;
}
