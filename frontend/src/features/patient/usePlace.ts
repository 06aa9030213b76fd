import { getRouteApi } from '@tanstack/react-router';
import { useCallback } from 'react';
import type { TimelinePlace } from '~/domain/timeline/place';

const route = getRouteApi('/patients/$patientId');

export type Change = (
  changed: Partial<Record<keyof TimelinePlace, string>>,
  options?: { readonly isPlace?: boolean },
) => void;

/** Returns what the address of the patient says, and how to change it. */
export function usePlace(): { readonly place: TimelinePlace; readonly change: Change } {
  const place = route.useSearch();
  const navigate = route.useNavigate();
  const change: Change = useCallback(
    (changed, { isPlace = false } = {}) => {
      void navigate({
        search: (before) => withoutEmpty({ ...before, ...changed }),
        // Only what somebody has chosen is a place that the browser's way back leads to.
        replace: !isPlace,
        resetScroll: false,
      });
    },
    [navigate],
  );
  return { place, change };
}

function withoutEmpty(place: TimelinePlace): TimelinePlace {
  return Object.fromEntries(Object.entries(place).filter(([, value]) => value));
}
