import { Anchor, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { DEFAULT_PARTITION } from '~/domain/placeSearch';
import { Loading } from '~/ui/Loading';
import { StudyLook } from '~/viewer/StudyLook';
import classes from './ViewerPage.module.css';

const route = getRouteApi('/studies/$studyUid/viewer');
const VIEWER = '/viewer/viewer';

/** The viewer inside of the portal: a slim bar, and the way back. */
export function ViewerPage() {
  const { studyUid } = route.useParams();
  const search = route.useSearch();
  const { data: isThere } = useQuery({ queryKey: ['viewer'], queryFn: isViewerThere });
  const hasWebgl = useMemo(canDraw, []);
  const query = new URLSearchParams({
    StudyInstanceUIDs: studyUid,
    ...(search.partition && { partition: search.partition }),
    ...(search.series && { initialSeriesInstanceUID: search.series }),
  });
  return (
    <div className={classes.page}>
      <Group px="md" gap="md" className={classes.bar}>
        <Anchor
          size="sm"
          renderRoot={(props) => (
            <Link to="/studies/$studyUid" params={{ studyUid }} search={search} {...props} />
          )}
        >
          Back to the study
        </Anchor>
        <Anchor size="sm" href={`${VIEWER}?${query}`} target="_blank" rel="noreferrer">
          Open in a tab of its own
        </Anchor>
        <Text size="xs" c="dimmed">
          For research, not for diagnosis.
        </Text>
      </Group>
      {isThere === undefined && <Loading label="Loading the viewer" />}
      {isThere === true && hasWebgl && (
        <iframe className={classes.frame} title="Viewer" src={`${VIEWER}?${query}`} />
      )}
      {isThere !== undefined && !(isThere && hasWebgl) && (
        <Stack className={classes.frame} gap="xs" p="md">
          <Text size="sm" role="status">
            {hasWebgl
              ? 'The viewer is not installed on this server. Here are the images alone.'
              : 'The viewer needs WebGL, which this browser does not have. Here are the images alone.'}
          </Text>
          <StudyLook studyUid={studyUid} partition={search.partition ?? DEFAULT_PARTITION} />
        </Stack>
      )}
    </div>
  );
}

/** Tells whether the browser can draw what the viewer wants drawn. */
function canDraw(): boolean {
  return document.createElement('canvas').getContext('webgl2') !== null;
}

/** Tells whether the viewer was built: the portal runs without it. */
async function isViewerThere(): Promise<boolean> {
  const answer = await fetch('/viewer/', { method: 'HEAD', credentials: 'same-origin' });
  return answer.ok;
}
