import { useQuery } from '@tanstack/react-query';
import type { Asked } from '~/api/useGraph';
import { FaultError, faultOfAnswer, faultOfError } from '~/domain/fault';

const ADDRESS = '/viewer/';
const NOT_BUILT = 404;

/** Returns whether the viewer is there: the portal runs without it as well. */
export function useViewer(): Asked<boolean> {
  const { data, error, isLoading, refetch } = useQuery({
    queryKey: ['viewer'],
    queryFn: isThere,
  });
  return {
    data,
    fault: error === null ? undefined : faultOfError(error),
    isLoading,
    reload: () => void refetch(),
  };
}

async function isThere(): Promise<boolean> {
  const answer = await fetch(ADDRESS, { method: 'HEAD', credentials: 'same-origin' });
  if (!answer.ok && answer.status !== NOT_BUILT) {
    throw new FaultError(faultOfAnswer(answer.status, answer.headers, ''));
  }
  return answer.ok;
}
