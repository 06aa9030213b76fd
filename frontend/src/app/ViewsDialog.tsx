import { Button, Group, List, Modal, Stack, Text, TextInput } from '@mantine/core';
import { type SyntheticEvent, useState } from 'react';
import { LONGEST_NAME, MOST_VIEWS, namesPatients, type ViewedPage } from '~/domain/savedView';
import { FaultView } from '~/ui/FaultView';
import type { Views } from './useViews';

interface Props extends Views {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly page: ViewedPage;
  readonly search: object;
}

/** Keeps what is shown under a name; forgets what was kept. */
export function ViewsDialog(props: Props) {
  const { isOpen, onClose, page, search, views, fault, save, remove } = props;
  const [name, setName] = useState('');
  const isFull = props.isFull && !views.some((one) => one.name === name.trim());
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (await save({ name: name.trim(), search: { ...search } })) {
      setName('');
      onClose();
    }
  };
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title="Views"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stack>
        <form onSubmit={(event) => void submit(event)}>
          <Group align="end" gap="xs" wrap="nowrap">
            <TextInput
              label="Name of the view that is shown now"
              flex={1}
              maxLength={LONGEST_NAME}
              data-autofocus
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <Button type="submit" disabled={!name.trim() || isFull}>
              Save
            </Button>
          </Group>
        </form>
        <Text size="sm" c="dimmed">
          The portal keeps it for your account: filters, order and columns. To pass it on, copy the
          address of the page.
        </Text>
        {namesPatients(page, search) && (
          <Text size="sm">{page.wordsOfPatients} are left out: a view tells of no patient.</Text>
        )}
        {fault !== undefined && <FaultView fault={fault} />}
        {isFull && <Text size="sm">There are {MOST_VIEWS} views: remove one first.</Text>}
        {views.length > 0 && (
          <List listStyleType="none" aria-label="Views that are kept" spacing="xs">
            {views.map((view) => (
              <List.Item key={view.name} styles={{ itemWrapper: { width: '100%' } }}>
                <Group justify="space-between" wrap="nowrap">
                  <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
                    <bdi>{view.name}</bdi>
                  </Text>
                  <Button
                    size="compact-xs"
                    variant="subtle"
                    aria-label={`Remove the view ${view.name}`}
                    onClick={() => void remove(view.name)}
                  >
                    Remove
                  </Button>
                </Group>
              </List.Item>
            ))}
          </List>
        )}
      </Stack>
    </Modal>
  );
}
