import { Button, Group, Text, Textarea } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { Removal } from '~/domain/ask/attrition';
import { type Criteria, readCriteria, withNode } from '~/domain/ask/criteria';
import { Card } from '~/ui/Card';
import { AddCriterion } from './AddCriterion';
import { CriteriaNode } from './CriteriaNode';
import type { Step } from './queries';

interface Props {
  readonly criteria: Criteria;
  readonly isEdited: boolean;
  /** Whether there is a question whose criteria can be taken back to. */
  readonly hasQuestion: boolean;
  readonly removals: readonly Removal<Step>[];
  readonly isStale: boolean;
  readonly onChange: (criteria: Criteria | undefined) => void;
}

/** What is asked, in groups that can be edited by hand, or as JSON. */
export function CriteriaCard(props: Props) {
  const { criteria, isEdited, hasQuestion, removals, isStale, onChange } = props;
  const [isJson, setJson] = useState(false);
  const edit = (where: Criteria['where']) => onChange({ ...criteria, where });
  return (
    <Card
      title="Criteria"
      aside={
        <Group gap="xs">
          {isEdited && hasQuestion && (
            <Button size="compact-xs" variant="default" onClick={() => onChange(undefined)}>
              Back to the question
            </Button>
          )}
          <Button
            size="compact-xs"
            variant="default"
            aria-pressed={isJson}
            onClick={() => setJson(!isJson)}
          >
            JSON
          </Button>
        </Group>
      }
    >
      {isEdited && (
        <Text size="xs" c="dimmed" mb="xs">
          Edited by hand.
        </Text>
      )}
      {isJson ? (
        <AsJson criteria={criteria} onChange={onChange} />
      ) : (
        <>
          <CriteriaNode
            node={criteria.where}
            path={['where']}
            removals={removals}
            isStale={isStale}
            onChange={edit}
          />
          <AddCriterion
            label="Add a criterion"
            onAdd={(node) =>
              edit(
                'any' in criteria.where
                  ? { all: [criteria.where, node] }
                  : withNode(criteria.where, node),
              )
            }
          />
        </>
      )}
    </Card>
  );
}

function AsJson({ criteria, onChange }: Pick<Props, 'criteria' | 'onChange'>) {
  const told = JSON.stringify(criteria, null, 2);
  const [text, setText] = useState(told);
  useEffect(() => setText(told), [told]);
  const read = readCriteria(text);
  return (
    <>
      <Textarea
        aria-label="Criteria as JSON"
        rows={16}
        styles={{ input: { fontFamily: 'monospace' } }}
        value={text}
        error={read === undefined && 'These are no criteria: JSON with a member “where”.'}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Button
        size="xs"
        mt="xs"
        disabled={read === undefined || text === told}
        onClick={() => onChange(read)}
      >
        Apply
      </Button>
    </>
  );
}
