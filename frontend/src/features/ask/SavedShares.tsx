import { Checkbox, Stack, Text } from '@mantine/core';
import { useGraph } from '~/api/useGraph';
import { unturned } from '~/domain/plainText';
import type { Saved } from './definitionQueries';
import { PROJECTS } from './queries';
import type { Definitions } from './useDefinitions';

interface Props extends Pick<Definitions, 'share'> {
  readonly saved: Saved;
  readonly partition: string;
}

/** Who else sees something saved: those who read a project, or the whole partition. */
export function SavedShares({ saved: { id, name, sharedWith }, share, partition }: Props) {
  const { data } = useGraph(PROJECTS, { variables: { partition } });
  const projects = (data?.projects.edges ?? []).map(({ node }) => node.name);
  const all = ['', ...new Set([...sharedWith.filter(Boolean), ...projects])];
  return (
    <Stack gap={6} mt="xs" role="group" aria-label={`Who else sees ${unturned(name)}`}>
      <Text size="xs" c="dimmed">
        Whoever sees it asks it with what they may see themselves: no patients are shared by it.
      </Text>
      {all.map((project) => (
        <Checkbox
          key={project}
          size="xs"
          label={project ? `Who sees the project ${project}` : 'Who reads the whole partition'}
          checked={sharedWith.includes(project)}
          onChange={(event) => void share(id, project, event.currentTarget.checked)}
        />
      ))}
    </Stack>
  );
}
