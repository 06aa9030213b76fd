import { useEffect, useRef, useState } from 'react';
import { useNews } from '~/api/useNews';

/**
 * Returns whether something has changed since the list came.
 *
 * What is counted is counted anew; rows stay as they are, because somebody reads them.
 *
 * @param isListed - Whether the first page is there; each time that it comes is a list.
 */
export function useChanges(isListed: boolean, recount: () => void): boolean {
  const { newest, look } = useNews(isListed);
  const [listed, setListed] = useState<number>();
  const recountNow = useRef(recount);
  recountNow.current = recount;
  useEffect(() => {
    if (isListed) {
      void look().then(setListed);
    }
  }, [isListed, look]);
  const isOld = newest !== undefined && listed !== undefined && newest > listed;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each change is counted
  useEffect(() => {
    if (isOld) {
      recountNow.current();
    }
  }, [isOld, newest]);
  return isOld;
}
