import { AppShell, Burger, Group, Text, UnstyledButton } from '@mantine/core';
import { useDisclosure, useReducedMotion } from '@mantine/hooks';
import { Link, Outlet, useLocation } from '@tanstack/react-router';
import { AccountMenu } from './AccountMenu';
import { Navigation } from './Navigation';
import { SearchBox } from './SearchBox';
import classes from './Shell.module.css';

const MAIN = 'main';
const TRANSITION_MS = 200;

/** The frame of all pages: name, search, account, ways to go. */
export function Shell() {
  const [isOpen, { toggle, close }] = useDisclosure(false);
  const isViewer = useLocation({ select: (place) => place.pathname.endsWith('/viewer') });
  const wantsStillness = useReducedMotion(undefined, { getInitialValueInEffect: false });
  return (
    <AppShell
      transitionDuration={wantsStillness ? 0 : TRANSITION_MS}
      header={{ height: 52 }}
      navbar={{
        width: 208,
        breakpoint: 'sm',
        collapsed: { mobile: !isOpen, desktop: isViewer },
      }}
      padding={isViewer ? 0 : 'md'}
    >
      <a className={classes.skip} href={`#${MAIN}`}>
        Skip to the page
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger
              opened={isOpen}
              onClick={toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label={isOpen ? 'Close the navigation' : 'Open the navigation'}
            />
            <UnstyledButton renderRoot={(props) => <Link to="/" {...props} />}>
              <Text fw={700} visibleFrom="xs">
                Imaging Research Portal
              </Text>
              <Text fw={700} hiddenFrom="xs">
                Portal
              </Text>
            </UnstyledButton>
          </Group>
          <SearchBox />
          <AccountMenu />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" aria-label="Pages">
        <Navigation onGo={close} />
      </AppShell.Navbar>
      <AppShell.Main id={MAIN} tabIndex={-1} className={classes.main}>
        <Outlet />
      </AppShell.Main>
    </AppShell>
  );
}
