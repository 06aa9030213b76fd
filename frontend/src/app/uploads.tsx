import {
  createContext,
  type ReactNode,
  useContext,
  useEffect,
  useState,
  useSyncExternalStore,
} from 'react';
import { type Client, useClient } from 'urql';
import { findHeld } from '~/api/held';
import { storeFile } from '~/api/stow';
import { UploadQueue } from '~/api/uploadQueue';
import type { Upload } from '~/domain/upload';

const Context = createContext<UploadQueue | undefined>(undefined);

/** Keeps the one upload of this tab, on whatever page somebody is. */
export function UploadsProvider({ children }: { readonly children: ReactNode }) {
  const client = useClient();
  const [queue] = useState(() => makeQueue(client));
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => {
      if (queue.snapshot().state !== 'idle') {
        event.preventDefault();
      }
    };
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [queue]);
  return <Context value={queue}>{children}</Context>;
}

function makeQueue(client: Client): UploadQueue {
  return new UploadQueue({
    findHeld: (partition, uids) => findHeld(client, partition, uids),
    store: storeFile,
  });
}

/** Returns the upload of this tab, and how it is. */
export function useUploads(): { readonly queue: UploadQueue; readonly upload: Upload } {
  const queue = useContext(Context);
  if (queue === undefined) {
    throw new Error('There are uploads inside of UploadsProvider only.');
  }
  return { queue, upload: useSyncExternalStore(queue.subscribe, queue.snapshot) };
}
