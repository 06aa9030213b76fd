import { Button, Table, Text } from '@mantine/core';
import { useState } from 'react';
import { useDeed } from '~/api/useDeed';
import { Card } from '~/ui/Card';
import { type DecisionRow, UNDO } from './queries';
import { ReasonDialog } from './ReasonDialog';

interface Props {
  readonly decisions: readonly DecisionRow[];
  readonly partition: string;
  readonly onChanged: () => void;
}

/** What was said of who is who; each of it can be undone. */
export function Decisions({ decisions, partition, onChanged }: Props) {
  const [undoing, setUndoing] = useState<DecisionRow>();
  const deed = useDeed(() => {
    setUndoing(undefined);
    onChanged();
  });
  return (
    <Card title="What was decided">
      {decisions.length === 0 ? (
        <Text size="sm" c="dimmed">
          Nothing yet.
        </Text>
      ) : (
        <Table.ScrollContainer minWidth={560}>
          <Table fz="sm" aria-label="What was decided">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>When</Table.Th>
                <Table.Th>What</Table.Th>
                <Table.Th>Whom</Table.Th>
                <Table.Th>Why</Table.Th>
                <Table.Th>Who</Table.Th>
                <Table.Th>State</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {decisions.map((one) => (
                <Table.Tr key={one.decisionId}>
                  <Table.Td style={{ whiteSpace: 'nowrap' }}>
                    {String(one.decidedAt).slice(0, 10)}
                  </Table.Td>
                  <Table.Td>{one.action === 'merge' ? 'One patient' : 'Another patient'}</Table.Td>
                  <Table.Td>
                    <bdi>{one.about.join(' and ')}</bdi>
                  </Table.Td>
                  <Table.Td>
                    <bdi>{one.reason}</bdi>
                  </Table.Td>
                  <Table.Td>
                    <bdi>{one.actor}</bdi>
                  </Table.Td>
                  <Table.Td>
                    {one.undoneAt ? (
                      `Undone ${String(one.undoneAt).slice(0, 10)}`
                    ) : (
                      <Button size="compact-xs" variant="default" onClick={() => setUndoing(one)}>
                        Undo
                      </Button>
                    )}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {undoing && (
        <ReasonDialog
          title="Undo the decision?"
          words="The studies concerned are linked anew as if it had not been said."
          verb="Undo"
          deed={deed}
          onClose={() => setUndoing(undefined)}
          onDo={(reason) => void deed.run(UNDO, { partition, id: undoing.decisionId, reason })}
        />
      )}
    </Card>
  );
}
