import { useEffect } from 'react';
import { unturned } from '~/domain/plainText';

/** Names the tab of the browser after what is shown. */
export function useTabName(name: string): void {
  useEffect(() => {
    document.title = `${unturned(name)} – Imaging Research Portal`;
  }, [name]);
}
