import { Button, Menu } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import type { ViewedPage } from '~/domain/savedView';
import { useViews, type Views } from './useViews';
import { ViewsDialog } from './ViewsDialog';

interface Props {
  readonly page: ViewedPage;
  /** What is shown now, with its columns. */
  readonly search: object;
}

/** Searches that somebody comes back to. */
export function ViewsMenu({ page, search }: Props) {
  const kept = useViews(page);
  const navigate = useNavigate();
  const [isOpen, { open, close }] = useDisclosure(false);
  return (
    <>
      <Menu position="bottom-end" width={240}>
        <Menu.Target>
          <Button size="xs" variant="default">
            Views
          </Button>
        </Menu.Target>
        <Menu.Dropdown mah="70vh" style={{ overflowY: 'auto', overflowWrap: 'anywhere' }}>
          {kept.views.length === 0 && <Menu.Label>{wordsOf(kept)}</Menu.Label>}
          {kept.views.map((view) => (
            <Menu.Item
              key={view.name}
              onClick={() => void navigate({ to: page.to, search: view.search })}
            >
              <bdi>{view.name}</bdi>
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item onClick={open}>Save or remove a view …</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ViewsDialog isOpen={isOpen} onClose={close} page={page} search={search} {...kept} />
    </>
  );
}

function wordsOf({ isLoading, fault }: Views): string {
  if (isLoading) {
    return 'Loading views';
  }
  return fault === undefined ? 'No view is kept yet' : 'Your views could not be loaded';
}
