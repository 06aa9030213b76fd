import { Select } from '@mantine/core';
import { useGraph } from '~/api/useGraph';
import { PROJECTS } from './queries';

interface Props {
  readonly partition: string;
  readonly project: string | undefined;
  readonly onPick: (project: string) => void;
}

/** The project that is asked within, for who sees any. */
export function ProjectPicker({ partition, project, onPick }: Props) {
  const { data } = useGraph(PROJECTS, { variables: { partition } });
  const names = (data?.projects.edges ?? []).map(({ node }) => node.name);
  if (names.length === 0 && project === undefined) {
    return null;
  }
  return (
    <Select
      size="xs"
      label="Within the project"
      placeholder="All that you see"
      w={260}
      searchable
      clearable
      data={[...new Set([...(project === undefined ? [] : [project]), ...names])]}
      value={project ?? null}
      onChange={(chosen) => onPick(chosen ?? '')}
    />
  );
}
