import { List, Text } from '@mantine/core';
import { happenedWords } from '~/domain/workitemWords';
import { Moment } from '~/ui/Moment';
import type { WorkDetail } from './queries';

/** What happened to a workitem, the last thing first. */
export function WorkHistory({ work }: { readonly work: WorkDetail }) {
  return (
    <section aria-label="History">
      <Text component="h3" size="sm" fw={600}>
        History
      </Text>
      <List size="sm" listStyleType="none">
        {work.history.toReversed().map((event) => (
          <List.Item key={`${event.at} ${event.happened.join()}`}>
            <Text size="sm" span>
              {happenedWords(event)}
            </Text>{' '}
            <Text size="sm" span c="dimmed">
              by <bdi>{event.by}</bdi>, <Moment at={event.at} />
            </Text>
            {event.reason && (
              <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
                <bdi>{event.reason}</bdi>
              </Text>
            )}
          </List.Item>
        ))}
      </List>
    </section>
  );
}
