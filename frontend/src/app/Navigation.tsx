import { NavLink } from '@mantine/core';
import { Link, useLocation } from '@tanstack/react-router';
import type { Upload } from '~/domain/upload';
import { useMe } from './me';
import { useUploads } from './uploads';

interface Place {
  readonly to: '/' | '/studies' | '/upload' | '/operations';
  readonly label: string;
  /** The verb without which there is nothing to do there. */
  readonly verbs: readonly string[];
}

const PLACES: readonly Place[] = [
  { to: '/', label: 'Home', verbs: [] },
  { to: '/studies', label: 'Studies', verbs: ['read_data'] },
  { to: '/upload', label: 'Upload', verbs: ['store_data', 'store_results'] },
  { to: '/operations', label: 'Operations', verbs: ['read_data'] },
];

/** The ways to the pages that the account can do something on. */
export function Navigation({ onGo }: { readonly onGo: () => void }) {
  const path = useLocation({ select: (place) => place.pathname });
  const { may } = useMe();
  const { upload } = useUploads();
  const progress = upload.state === 'idle' ? undefined : percentOf(upload);
  const shown = PLACES.filter(({ verbs }) => verbs.length === 0 || verbs.some(may));
  return (
    <nav aria-label="Pages">
      {shown.map(({ to, label }) => (
        <NavLink
          key={to}
          label={label}
          description={to === '/upload' ? progress : undefined}
          active={to === '/' ? path === '/' : path.startsWith(to)}
          aria-current={path === to ? 'page' : undefined}
          onClick={onGo}
          renderRoot={(props) => <Link to={to} {...props} />}
        />
      ))}
    </nav>
  );
}

function percentOf({ bytes, doneBytes }: Upload): string {
  return `${Math.floor((100 * doneBytes) / Math.max(1, bytes))} % sent`;
}
