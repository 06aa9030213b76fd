import { useDisclosure, useMediaQuery } from '@mantine/hooks';
import { useKept } from '~/app/useKept';

/** Where there is room for facets beside the list: with quick look there is less. */
const WIDE = '(min-width: 75em)';
const WIDEST = '(min-width: 100em)';

export interface FacetPlace {
  /** Whether they lie over the list, and come when asked for. */
  readonly isDrawer: boolean;
  readonly isShown: boolean;
  readonly toggle: () => void;
}

/** Returns where the facets are, and whether they are shown: beside the list that is kept. */
export function useFacetPlace(isLooking: boolean): FacetPlace {
  const isWide = useMediaQuery(isLooking ? WIDEST : WIDE, undefined, {
    getInitialValueInEffect: false,
  });
  const [kept, keep] = useKept('facets');
  const [isOpen, { toggle }] = useDisclosure(false);
  if (!isWide) {
    return { isDrawer: true, isShown: isOpen, toggle };
  }
  const isShown = kept !== 'hidden';
  return { isDrawer: false, isShown, toggle: () => keep(isShown ? 'hidden' : null) };
}
