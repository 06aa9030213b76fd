import { useQuery } from '@tanstack/react-query';
import { addressOf, fetchDataSets, type Place } from '~/api/dicomweb';
import type { Asked } from '~/api/useGraph';
import type { DataSet } from '~/domain/dataSet';
import { faultOfError } from '~/domain/fault';
import { imagesInOrder, numberOfFrames } from '~/domain/imageOrder';

export interface Image {
  readonly address: string;
  readonly metadata: DataSet;
}

/** More are not looked through in a quick look: some of them stand for all. */
const MOST_IMAGES = 1_000;
const SOP_INSTANCE_UID = '00080018';

/** Returns the images of a series, in their order. */
export function useStack(place: Place & { readonly seriesUid: string }): Asked<readonly Image[]> {
  const address = addressOf(place);
  const { data, error, isLoading, refetch } = useQuery({
    queryKey: ['stack', address],
    queryFn: async ({ signal }) =>
      imagesOf(address, await fetchDataSets(`${address}/metadata`, signal)),
  });
  return {
    data,
    fault: error === null ? undefined : faultOfError(error),
    isLoading,
    reload: () => void refetch(),
  };
}

function imagesOf(address: string, dataSets: readonly DataSet[]): readonly Image[] {
  const all = imagesInOrder(dataSets).flatMap((metadata) => {
    const uid = String(metadata[SOP_INSTANCE_UID]?.Value?.[0] ?? '');
    const frames = Array.from({ length: Math.min(MOST_IMAGES, numberOfFrames(metadata)) });
    return frames.map((_, at) => ({
      // The library asks from a worker, which knows no page to be relative to.
      address: `${window.location.origin}${address}/instances/${uid}/frames/${at + 1}`,
      metadata,
    }));
  });
  const step = Math.ceil(all.length / MOST_IMAGES);
  return step > 1 ? all.filter((_, at) => at % step === 0) : all;
}
