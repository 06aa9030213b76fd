import { Anchor, Group, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Empty } from '~/ui/Empty';
import { Loading } from '~/ui/Loading';
import classes from './ViewerPage.module.css';

const route = getRouteApi('/studies/$studyUid/viewer');
const VIEWER = '/viewer/viewer';

/** The viewer inside of the portal: a slim bar, and the way back. */
export function ViewerPage() {
  const { studyUid } = route.useParams();
  const search = route.useSearch();
  const { data: isThere } = useQuery({ queryKey: ['viewer'], queryFn: isViewerThere });
  const query = new URLSearchParams({
    StudyInstanceUIDs: studyUid,
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
      {isThere === false && (
        <Empty title="The viewer is not installed on this server">
          Whoever runs the portal can build it. Quick look in the list of studies works without.
        </Empty>
      )}
      {isThere === true && (
        <iframe className={classes.frame} title="Viewer" src={`${VIEWER}?${query}`} />
      )}
    </div>
  );
}

/** Tells whether the viewer was built: the portal runs without it. */
async function isViewerThere(): Promise<boolean> {
  const answer = await fetch('/viewer/', { method: 'HEAD', credentials: 'same-origin' });
  return answer.ok;
}
