import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from 'react';
import { type Shown, type Stack, type StackImage, showStack } from './engine';
import classes from './Preview.module.css';

interface Props {
  readonly images: readonly StackImage[];
  /** What is shown, for those who hear the page. */
  readonly label: string;
}

const LEFT = 1;

/** A stack of images: the wheel scrolls, a drag changes the window, a double click resets. */
export function Preview({ images, label }: Props) {
  const element = useRef<HTMLDivElement>(null);
  const stack = useRef<Stack>(undefined);
  const [shown, setShown] = useState<Shown>();
  const [hasFailed, setFailed] = useState(false);

  useEffect(() => {
    const place = element.current;
    if (place === null) {
      return;
    }
    let isGone = false;
    setShown(undefined);
    setFailed(false);
    const listeners = {
      onShown: (now: Shown) => !isGone && setShown(now),
      onFailed: () => !isGone && setFailed(true),
    };
    const begun = showStack(place, images, listeners);
    begun.then(
      (made) => {
        if (isGone) {
          made.destroy();
        } else {
          stack.current = made;
        }
      },
      () => listeners.onFailed(),
    );
    return () => {
      isGone = true;
      stack.current?.destroy();
      stack.current = undefined;
    };
  }, [images]);

  useEffect(() => {
    const place = element.current;
    const scroll = (event: WheelEvent) => {
      event.preventDefault();
      stack.current?.scroll(Math.sign(event.deltaY));
    };
    // React listens to wheels passively, and the page would scroll as well.
    place?.addEventListener('wheel', scroll, { passive: false });
    return () => place?.removeEventListener('wheel', scroll);
  }, []);

  const press = (event: KeyboardEvent) => {
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
    if (steps !== undefined) {
      event.preventDefault();
      stack.current?.scroll(steps);
    }
  };
  const drag = (event: PointerEvent) => {
    if (event.buttons === LEFT) {
      stack.current?.drag(event.movementX, event.movementY);
    }
  };
  return (
    // The picture takes keys and pointer as a scroll bar would.
    <div
      className={classes.frame}
      role="group"
      aria-label={label}
      tabIndex={0}
      onKeyDown={press}
      onPointerMove={drag}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onDoubleClick={() => stack.current?.reset()}
    >
      <div ref={element} className={classes.picture} data-testid="picture" />
      <p className={classes.text} role="status">
        {hasFailed ? 'This image cannot be shown here.' : wordsOf(shown, images.length)}
      </p>
    </div>
  );
}

function wordsOf(shown: Shown | undefined, number: number): string {
  if (shown === undefined) {
    return 'Loading the image';
  }
  const place = `Image ${shown.index + 1} of ${number}`;
  const { window } = shown;
  return window === undefined
    ? place
    : `${place}, window ${Math.round(window.width)}, level ${Math.round(window.center)}`;
}
