import { Button, Group, Modal, Stack, Tabs, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { type SyntheticEvent, useState } from 'react';
import { asCriteria, type Criteria, withNode } from '~/domain/ask/criteria';
import { namedBy } from '~/domain/ask/savedNames';
import { SavedList } from './SavedList';
import { type Definitions, useDefinitions } from './useDefinitions';

const LONGEST_NAME = 100;

interface Props {
  /** What is asked now; undefined: nothing yet. */
  readonly criteria: Criteria | undefined;
  readonly partition: string;
  readonly onChange: (criteria: Criteria) => void;
}

/** What is saved: questions, which are opened or made a criterion, and concept sets. */
export function SavedCohorts({ criteria, partition, onChange }: Props) {
  const [isOpen, { open, close }] = useDisclosure(false);
  const take = (taken: Criteria | undefined) => {
    if (taken !== undefined) {
      onChange(taken);
      close();
    }
  };
  return (
    <>
      <Button size="xs" variant="default" onClick={open}>
        Saved cohorts and sets
      </Button>
      <Modal
        opened={isOpen}
        onClose={close}
        title="Saved"
        size="xl"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <Tabs defaultValue="COHORT" keepMounted={false}>
          <Tabs.List mb="md">
            <Tabs.Tab value="COHORT">Cohorts</Tabs.Tab>
            <Tabs.Tab value="SET">Concept sets</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="COHORT">
            <Cohorts criteria={criteria} partition={partition} onTake={take} />
          </Tabs.Panel>
          <Tabs.Panel value="SET">
            <Sets partition={partition} />
          </Tabs.Panel>
        </Tabs>
      </Modal>
    </>
  );
}

interface CohortsProps extends Omit<Props, 'onChange'> {
  readonly onTake: (criteria: Criteria | undefined) => void;
}

function Cohorts({ criteria, partition, onTake }: CohortsProps) {
  const saved = useDefinitions('COHORT', partition, true);
  return (
    <Stack>
      {criteria !== undefined && <SaveForm criteria={criteria} save={saved.save} />}
      <SavedList
        label="Cohorts that are saved"
        none="Nobody has saved a cohort that you see."
        saved={saved}
        partition={partition}
        onOpen={(content) => onTake(asCriteria(content))}
        onAdd={
          criteria &&
          ((each) =>
            onTake({ ...criteria, where: within(criteria.where, { cohort: namedBy(each) }) }))
        }
      />
    </Stack>
  );
}

function Sets({ partition }: Pick<Props, 'partition'>) {
  const saved = useDefinitions('SET', partition, true);
  return (
    <SavedList
      label="Concept sets that are saved"
      none="Nobody has saved a concept set that you see. The codes of a criterion can be saved as one."
      saved={saved}
      partition={partition}
    />
  );
}

function within(where: Criteria['where'], node: Criteria['where']): Criteria['where'] {
  return 'any' in where ? { all: [where, node] } : withNode(where, node);
}

function SaveForm({ criteria, save }: Pick<Definitions, 'save'> & { readonly criteria: Criteria }) {
  const [name, setName] = useState('');
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (await save(name.trim(), criteria)) {
      setName('');
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Group align="end" gap="xs" wrap="nowrap">
        <TextInput
          label="Name of the question that is asked now"
          description="Under a name that you have already it becomes a new version."
          flex={1}
          maxLength={LONGEST_NAME}
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button type="submit" disabled={!name.trim()}>
          Save
        </Button>
      </Group>
    </form>
  );
}
