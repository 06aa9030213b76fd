import { useMe } from './me';

export interface Place {
  readonly to:
    | '/'
    | '/ask'
    | '/matching'
    | '/operations'
    | '/patients'
    | '/studies'
    | '/upload'
    | '/worklist';
  readonly label: string;
  /** The verbs of which one is needed to do anything there. */
  readonly verbs: readonly string[];
}

const PLACES: readonly Place[] = [
  { to: '/', label: 'Home', verbs: [] },
  { to: '/ask', label: 'Ask', verbs: ['read_data'] },
  { to: '/patients', label: 'Patients', verbs: ['view_phi'] },
  { to: '/studies', label: 'Studies', verbs: ['read_data'] },
  { to: '/worklist', label: 'Worklist', verbs: ['view_phi'] },
  { to: '/matching', label: 'Matching', verbs: ['manage_data'] },
  { to: '/upload', label: 'Upload', verbs: ['store_data', 'store_results'] },
  { to: '/operations', label: 'Operations', verbs: ['read_data'] },
];

/** Returns the pages that the account can do something on. */
export function usePlaces(): readonly Place[] {
  const { may } = useMe();
  return PLACES.filter(({ verbs }) => verbs.length === 0 || verbs.some(may));
}
