import { useMemo } from 'react';
import { useGraph } from '~/api/useGraph';
import type { Track } from '~/domain/timeline/tracks';
import type { Reference } from './CurveMarks';
import { EVENTS } from './queries';

const MOST = 100;

interface Options {
  readonly tracks: readonly Track[];
  readonly patientId: string;
  readonly partition: string;
}

/** Returns what is usual for each curve, as its last measurement says; by track. */
export function useReferences(options: Options): ReadonlyMap<string, Reference> {
  const { tracks, patientId, partition } = options;
  const lasts = useMemo(
    () =>
      tracks
        .flatMap(({ key, curve }) => {
          const last = curve?.points.at(-1)?.event;
          return last?.resource ? [{ key, last, unit: curve?.unit ?? '' }] : [];
        })
        .slice(0, MOST),
    [tracks],
  );
  const ids = [...new Set(lasts.map(({ last }) => last.resource))];
  const { data } = useGraph(EVENTS, {
    variables: { id: patientId, partition, ids },
    pause: ids.length === 0,
  });
  return useMemo(() => {
    const found = new Map<string, Reference>();
    const events = new Map(
      data?.patient?.events.map((event) => [`${event.resourceType}/${event.fhirId}`, event]),
    );
    for (const { key, last, unit } of lasts) {
      const event = events.get(last.resource);
      // The components of one observation have ranges of their own.
      if (event !== undefined && 'referenceLow' in event && !last.key.includes('.')) {
        const low = inUnit(event.referenceLow, unit);
        const high = inUnit(event.referenceHigh, unit);
        if (low !== undefined || high !== undefined) {
          found.set(key, { low, high });
        }
      }
    }
    return found;
  }, [data, lasts]);
}

interface Quantity {
  readonly value: number;
  readonly unit?: string | null;
}

/** Returns a bound, where it is in the unit of the curve. */
function inUnit(bound: Quantity | null | undefined, unit: string): number | undefined {
  return bound && (!bound.unit || bound.unit === unit) ? bound.value : undefined;
}
