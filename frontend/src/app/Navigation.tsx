import { NavLink } from '@mantine/core';
import { Link, useLocation } from '@tanstack/react-router';
import type { Upload } from '~/domain/upload';
import { usePlaces } from './places';
import { useUploads } from './uploads';

/** The ways to the pages that the account can do something on. */
export function Navigation({ onGo }: { readonly onGo: () => void }) {
  const path = useLocation({ select: (place) => place.pathname });
  const shown = usePlaces();
  const { upload } = useUploads();
  const progress =
    upload.state === 'idle' || upload.state === 'chosen' ? undefined : percentOf(upload);
  return (
    <>
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
    </>
  );
}

function percentOf({ bytes, doneBytes }: Upload): string {
  return `${Math.floor((100 * doneBytes) / Math.max(1, bytes))} % sent`;
}
