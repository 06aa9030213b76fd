import { NavLink } from '@mantine/core';
import { Link, useLocation } from '@tanstack/react-router';
import { useMe } from './me';

interface Place {
  readonly to: '/' | '/studies' | '/operations';
  readonly label: string;
  /** The verb without which there is nothing to do there. */
  readonly verbs: readonly string[];
}

const PLACES: readonly Place[] = [
  { to: '/', label: 'Home', verbs: [] },
  { to: '/studies', label: 'Studies', verbs: ['read_data'] },
  { to: '/operations', label: 'Operations', verbs: ['read_data'] },
];

/** The ways to the pages that the account can do something on. */
export function Navigation({ onGo }: { readonly onGo: () => void }) {
  const path = useLocation({ select: (place) => place.pathname });
  const { may } = useMe();
  const shown = PLACES.filter(({ verbs }) => verbs.length === 0 || verbs.some(may));
  return (
    <nav aria-label="Pages">
      {shown.map(({ to, label }) => (
        <NavLink
          key={to}
          label={label}
          active={to === '/' ? path === '/' : path.startsWith(to)}
          aria-current={path === to ? 'page' : undefined}
          onClick={onGo}
          renderRoot={(props) => <Link to={to} {...props} />}
        />
      ))}
    </nav>
  );
}
