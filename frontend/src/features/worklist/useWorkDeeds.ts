import { useNavigate } from '@tanstack/react-router';
import { DEFAULT_PARTITION, viewerPlace } from '~/domain/placeSearch';
import type { WorkRow } from './queries';
import { useActiveWork } from './useActiveWork';
import type { Claim } from './useClaim';
import type { WorkSearch } from './useWorkSearch';

/** What mouse and keys do with the list. */
export interface WorkDeeds {
  /** The row that keys act on. */
  readonly active: number;
  readonly go: (at: number) => void;
  /** Shows what the active one is, beside the list; or not any more. */
  readonly look: () => void;
  /** Opens its studies in the viewer; what it is, where it names none. */
  readonly open: (at: number) => void;
  readonly claim: (at: number) => void;
  readonly claimNext: () => void;
}

export function useWorkDeeds(
  { search, change }: WorkSearch,
  rows: readonly WorkRow[],
  claim: Claim,
): WorkDeeds {
  const navigate = useNavigate();
  const { active, go } = useActiveWork(rows, search.look);
  const isLooking = search.look !== undefined;
  const show = (at: number) => change({ look: rows[at]?.uid ?? '' });
  return {
    active,
    go: (at) => {
      go(at);
      claim.forget();
      if (isLooking) {
        show(at);
      }
    },
    look: () => (isLooking ? change({ look: '' }) : show(active)),
    open: (at) => {
      const partition = search.partition ?? DEFAULT_PARTITION;
      const place = viewerPlace(rows[at]?.studyInstanceUids ?? [], partition);
      if (place === undefined) {
        go(at);
        show(at);
        return;
      }
      void navigate({
        to: '/studies/$studyUid/viewer',
        params: { studyUid: place.studyUid },
        search: place.search,
      });
    },
    claim: (at) => {
      const uid = rows[at]?.uid;
      if (uid !== undefined) {
        void claim.claim(uid);
      }
    },
    claimNext: () => {
      void claim.claimNext().then((uid) => {
        if (uid !== undefined) {
          change({ look: uid });
        }
      });
    },
  };
}
