import { useEffect, useRef } from 'react';
import { type AnyVariables, type TypedDocumentNode, useSubscription } from 'urql';
import { useLine } from './line';
import { useHearing } from './useHearing';

/** How often it is looked while nothing can be told. */
const EVERY_MS = 5_000;

interface Options<Variables> {
  readonly variables: Variables;
  readonly pause?: boolean;
}

/**
 * Has somebody look anew each time that a subscription tells something.
 *
 * Where nothing can be told (networks there are that let no WebSocket through), it is
 * looked every few seconds while the page is seen; once it can be told again, at once,
 * since nobody tells what has happened meanwhile.
 */
export function useTold<Data, Variables extends AnyVariables>(
  document: TypedDocumentNode<Data, Variables>,
  { variables, pause = false }: Options<Variables>,
  onTold: () => Promise<unknown>,
): void {
  const isOpen = useLine();
  const hear = useHearing(onTold);
  useSubscription<Data, Data, AnyVariables>({ query: document, variables, pause }, (_, told) => {
    hear();
    return told;
  });
  const wasOpen = useRef(isOpen);
  useEffect(() => {
    if (isOpen && !wasOpen.current && !pause) {
      hear();
    }
    wasOpen.current = isOpen;
  }, [isOpen, pause, hear]);
  useEffect(() => {
    if (pause || isOpen) {
      return;
    }
    const timer = setInterval(() => {
      if (window.document.visibilityState === 'visible') {
        hear();
      }
    }, EVERY_MS);
    return () => clearInterval(timer);
  }, [pause, isOpen, hear]);
}
