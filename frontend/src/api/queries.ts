import { QueryClient } from '@tanstack/react-query';
import { faultOfError } from '~/domain/fault';

const WORTH_ANOTHER_TRY: ReadonlySet<string> = new Set(['BUSY', 'OFFLINE', 'UPSTREAM']);
const TRIES = 2;
const FRESH_MS = 30_000;

/** Makes the cache of what DICOMweb answers; the graph has its own (`createGraphClient`). */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: FRESH_MS,
        refetchOnWindowFocus: false,
        retry: (failures, error) =>
          failures < TRIES && WORTH_ANOTHER_TRY.has(faultOfError(error).code),
      },
    },
  });
}
