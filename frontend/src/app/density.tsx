import { useLocalStorage } from '@mantine/hooks';
import { createContext, type ReactNode, useContext, useEffect, useMemo } from 'react';

export type Density = 'comfortable' | 'compact';

interface Setting {
  readonly density: Density;
  readonly setDensity: (density: Density) => void;
}

const Context = createContext<Setting>({
  density: 'comfortable',
  setDensity: () => undefined,
});

/** Heights of a row of a list, in pixels. */
export const ROW_HEIGHTS: Readonly<Record<Density, number>> = { comfortable: 40, compact: 30 };

export function DensityProvider({ children }: { readonly children: ReactNode }) {
  const [kept, setDensity] = useLocalStorage<Density>({
    key: 'portal-density',
    defaultValue: 'comfortable',
    getInitialValueInEffect: false,
  });
  const density: Density = kept === 'compact' ? 'compact' : 'comfortable';
  useEffect(() => {
    document.documentElement.dataset.density = density;
  }, [density]);
  const setting = useMemo(() => ({ density, setDensity }), [density, setDensity]);
  return <Context value={setting}>{children}</Context>;
}

/** Returns how closely lists are set, as this browser's user has chosen. */
export function useDensity(): Setting {
  return useContext(Context);
}
