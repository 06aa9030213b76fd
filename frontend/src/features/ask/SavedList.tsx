import { List, Text } from '@mantine/core';
import { FaultView } from '~/ui/FaultView';
import { Loading } from '~/ui/Loading';
import type { Saved } from './definitionQueries';
import { SavedRow } from './SavedRow';
import type { Definitions } from './useDefinitions';

interface Props {
  readonly label: string;
  /** What is said where nothing is saved. */
  readonly none: string;
  readonly saved: Definitions;
  readonly partition: string;
  /** Opens what a version says; undefined of what nobody asks. */
  readonly onOpen?: (content: unknown) => void;
  readonly onAdd?: ((saved: Saved) => void) | undefined;
}

/** What is saved, with what can be done with each. */
export function SavedList({ label, none, saved, partition, onOpen, onAdd }: Props) {
  return (
    <>
      {saved.fault !== undefined && <FaultView fault={saved.fault} />}
      {saved.isLoading && <Loading label="Loading what is saved" rows={3} />}
      {!saved.isLoading && saved.fault === undefined && saved.all.length === 0 && (
        <Text size="sm" c="dimmed">
          {none}
        </Text>
      )}
      {saved.all.length > 0 && (
        <List listStyleType="none" aria-label={label} spacing="md">
          {saved.all.map((each) => (
            <List.Item
              key={each.id}
              styles={{ itemWrapper: { width: '100%' }, itemLabel: { width: '100%' } }}
            >
              <SavedRow
                saved={each}
                definitions={saved}
                partition={partition}
                {...(onOpen && { onOpen })}
                {...(onAdd && { onAdd })}
              />
            </List.Item>
          ))}
        </List>
      )}
    </>
  );
}
