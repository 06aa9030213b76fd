import { Button, Group, Text } from '@mantine/core';
import { useGraph } from '~/api/useGraph';
import { Moment } from '~/ui/Moment';
import { Shown } from '~/ui/Shown';
import classes from './Ask.module.css';
import { VERSIONS } from './definitionQueries';

interface Props {
  readonly id: string;
  readonly of: string;
  readonly onOpen?: (content: unknown) => void;
}

/** What something saved has said, newest first; each can be looked at, and asked again. */
export function SavedVersions({ id, of, onOpen }: Props) {
  const asked = useGraph(VERSIONS, { variables: { id } });
  return (
    <Shown asked={asked} label="Loading versions" rows={2}>
      {({ cohortDefinition }) => (
        <ol className={classes.versions} aria-label={`Versions of ${of}`}>
          {(cohortDefinition?.versions ?? []).map(({ number, content, savedBy, savedAt }) => (
            <li key={number}>
              <Group gap="xs" wrap="nowrap" justify="space-between">
                <Text size="sm">
                  Version {number}, <Moment at={savedAt} /> by <bdi>{savedBy}</bdi>
                </Text>
                {onOpen && (
                  <Button
                    size="compact-xs"
                    variant="default"
                    aria-label={`Open version ${number} of ${of}`}
                    onClick={() => onOpen(content)}
                  >
                    Open
                  </Button>
                )}
              </Group>
              <details>
                <summary className={classes.summary}>What it says</summary>
                <pre className={classes.content}>{JSON.stringify(content, null, 2)}</pre>
              </details>
            </li>
          ))}
        </ol>
      )}
    </Shown>
  );
}
