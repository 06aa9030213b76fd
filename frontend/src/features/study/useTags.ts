import { useQuery } from '@tanstack/react-query';
import { addressOf, fetchDataSets, type Place } from '~/api/dicomweb';
import type { Asked } from '~/api/useGraph';
import { faultOfError } from '~/domain/fault';
import { type TagRow, tagRows } from '~/domain/tagRows';

/** Returns the tags of an instance, named after the DICOM dictionary. */
export function useTags(place: Place, sopUid: string): Asked<readonly TagRow[]> {
  const address = `${addressOf(place)}/instances/${encodeURIComponent(sopUid)}/metadata`;
  const { data, error, isLoading, refetch } = useQuery({
    queryKey: ['tags', address],
    queryFn: async ({ signal }) => {
      const [dataSets, { nameOf }] = await Promise.all([
        fetchDataSets(address, signal),
        // The dictionary is large, and needed here only.
        import('~/domain/dictionary'),
      ]);
      return tagRows(dataSets[0] ?? {}, nameOf);
    },
  });
  return {
    data,
    fault: error === null ? undefined : faultOfError(error),
    isLoading,
    reload: () => void refetch(),
  };
}
