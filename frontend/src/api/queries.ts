import { QueryClient } from '@tanstack/react-query';
import { faultOfError, isPassing } from '~/domain/fault';

const TRIES = 2;
const FRESH_MS = 30_000;

/** Makes the cache of what DICOMweb answers; the graph has its own (`createGraphClient`). */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: FRESH_MS,
        refetchOnWindowFocus: false,
        retry: (failures, error) => failures < TRIES && isPassing(faultOfError(error)),
      },
    },
  });
}
