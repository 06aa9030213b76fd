import { Button, Group, NativeSelect, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { graphql } from '~/api/generated';
import { useGraph } from '~/api/useGraph';
import { useMe } from '~/app/me';
import { useUploads } from '~/app/uploads';
import { DEFAULT_PARTITION } from '~/domain/placeSearch';
import { FaultView } from '~/ui/FaultView';
import { PageTitle } from '~/ui/PageTitle';
import { DropZone } from './DropZone';
import { FileList } from './FileList';
import { Progress } from './Progress';
import { saveReport } from './saveReport';

const PARTITIONS = graphql(`
  query UploadPartitions {
    partitions(first: 200) {
      edges {
        node {
          id
          name
          disabledAt
        }
      }
    }
  }
`);

const STORE_VERBS = ['store_data', 'store_results'];

/** Files and folders are stored; who goes to other pages meanwhile comes back to them. */
export function UploadPage() {
  const { may, isKnown } = useMe();
  const { queue, upload } = useUploads();
  const [partition, setPartition] = useState(DEFAULT_PARTITION);
  const { data } = useGraph(PARTITIONS, {
    variables: {},
    pause: !isKnown || !may('read_data'),
  });
  const open = data?.partitions.edges.filter(({ node }) => !node.disabledAt) ?? [];
  const names = open.map(({ node }) => node.name);
  if (!STORE_VERBS.some(may)) {
    const message = 'Your roles do not allow you to store data.';
    return (
      <>
        <PageTitle title="Upload" />
        <FaultView fault={{ code: 'FORBIDDEN', message }} />
      </>
    );
  }
  return (
    <>
      <PageTitle title="Upload">
        {names.length > 1 && (
          <NativeSelect
            size="xs"
            label="Into the partition"
            data={names}
            value={partition}
            onChange={(event) => setPartition(event.currentTarget.value)}
          />
        )}
      </PageTitle>
      <Stack>
        <DropZone onFiles={(files) => queue.add(files, partition)} />
        {upload.files.length === 0 ? (
          <Text size="sm" c="dimmed">
            An upload that was cut off goes on when you choose the same folder again: what is held
            is not sent twice.
          </Text>
        ) : (
          <>
            <Progress upload={upload} queue={queue} />
            <FileList files={upload.files} />
            <Group>
              <Button size="xs" variant="default" onClick={() => saveReport(upload.files)}>
                Save this list
              </Button>
              <Button size="xs" variant="default" onClick={() => queue.clear()}>
                Clear what has ended
              </Button>
              {upload.counts.refused > 0 && (
                <Button size="xs" variant="default" onClick={() => queue.tryAgain()}>
                  Try the refused ones again
                </Button>
              )}
            </Group>
          </>
        )}
      </Stack>
    </>
  );
}
