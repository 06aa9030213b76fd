import { getRouteApi } from '@tanstack/react-router';
import { type SearchChange, useSearchChange } from '~/app/useSearchChange';
import type { TimelinePlace } from '~/domain/timeline/place';

const route = getRouteApi('/patients/$patientId');

export type Change = SearchChange<TimelinePlace>;

/** Returns what the address of the patient says, and how to change it. */
export function usePlace(): { readonly place: TimelinePlace; readonly change: Change } {
  const place = route.useSearch();
  return { place, change: useSearchChange<TimelinePlace>(route.id) };
}
