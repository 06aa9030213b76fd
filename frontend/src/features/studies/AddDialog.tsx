import { Anchor, Button, Group, Modal, NativeSelect, Stack, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useMutation } from 'urql';
import { faultOfChange } from '~/api/change';
import { graphql } from '~/api/generated';
import { useGraph } from '~/api/useGraph';
import { counted } from '~/domain/amount';
import { DEFAULT_PARTITION, searchOfPlace } from '~/domain/placeSearch';
import { Empty } from '~/ui/Empty';
import { FaultView } from '~/ui/FaultView';
import { Shown } from '~/ui/Shown';
import type { StudyRow } from './queries';

const PROJECTS = graphql(`
  query ProjectsToAddTo($partition: String!) {
    projects(partition: $partition, first: 200) {
      edges {
        node {
          id
          name
          numberOfStudies
        }
      }
    }
  }
`);

const ADD = graphql(`
  mutation AddChosenStudies($project: ID!, $studies: [UI!]!) {
    addStudiesToProject(id: $project, studies: $studies) {
      ... on ChangedContents {
        number
      }
      ... on Fault {
        code
        message
      }
    }
  }
`);

interface Props {
  /** Studies of one partition. */
  readonly studies: readonly StudyRow[];
  readonly onClose: () => void;
}

/** Puts studies into a project that the account may fill. */
export function AddDialog({ studies, onClose }: Props) {
  const partition = studies[0]?.partition.name ?? DEFAULT_PARTITION;
  const asked = useGraph(PROJECTS, { variables: { partition } });
  return (
    <Modal
      opened
      onClose={onClose}
      title={`Add ${counted(studies.length, 'study', 'studies')} to a project`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Shown asked={asked} label="Loading projects">
        {({ projects }) => {
          // Who may not change a project is not told how much was put into it.
          const open = projects.edges.flatMap(({ node }) =>
            node.numberOfStudies == null ? [] : [node],
          );
          return open.length === 0 ? (
            <Empty title="There is no project that you may fill">
              Whoever owns one can let you; administrators make new ones.
            </Empty>
          ) : (
            <Form studies={studies} partition={partition} projects={open} />
          );
        }}
      </Shown>
    </Modal>
  );
}

interface FormProps {
  readonly studies: readonly StudyRow[];
  readonly partition: string;
  readonly projects: readonly { readonly id: string; readonly name: string }[];
}

function Form({ studies, partition, projects }: FormProps) {
  const [project, choose] = useState(projects[0]?.id ?? '');
  const [{ data, error, fetching }, add] = useMutation(ADD);
  const fault =
    data || error ? faultOfChange({ data, error }, (one) => one.addStudiesToProject) : undefined;
  const answer = data?.addStudiesToProject;
  const name = projects.find(({ id }) => id === project)?.name ?? '';
  const uids = studies.map(({ studyInstanceUid }) => studyInstanceUid);
  return (
    <Stack gap="sm">
      <NativeSelect
        label="Project"
        data={projects.map(({ id, name: label }) => ({ value: id, label }))}
        value={project}
        onChange={(event) => choose(event.currentTarget.value)}
      />
      {fault !== undefined && <FaultView fault={fault} />}
      {answer !== undefined && 'number' in answer && (
        <Text size="sm" role="status">
          {answer.number === 0
            ? 'They were in it already.'
            : `${counted(answer.number, 'study', 'studies')} added.`}{' '}
          <Anchor
            size="sm"
            renderRoot={(props) => (
              <Link
                to="/studies"
                search={{ project: name, ...searchOfPlace(partition) }}
                {...props}
              />
            )}
          >
            Show the project
          </Anchor>
        </Text>
      )}
      <Group justify="end">
        <Button size="xs" loading={fetching} onClick={() => void add({ project, studies: uids })}>
          Add
        </Button>
      </Group>
    </Stack>
  );
}
