import { Anchor, Group, Text, Title } from '@mantine/core';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useGraph } from '~/api/useGraph';
import { DEFAULT_PARTITION } from '~/domain/placeSearch';
import { wordsOfStudy } from '~/domain/studyWords';
import { FaultView } from '~/ui/FaultView';
import { Shown } from '~/ui/Shown';
import { useTabName } from '~/ui/useTabName';
import { Looks } from './Looks';
import { TITLE } from './queries';
import { useViewer } from './useViewer';
import classes from './ViewerPage.module.css';
import { canDraw, viewerAddress } from './viewerPlace';

const route = getRouteApi('/studies/$studyUid/viewer');

/** The viewer inside of the portal: a slim bar, and the way back. */
export function ViewerPage() {
  const { studyUid } = route.useParams();
  const search = route.useSearch();
  const partition = search.partition ?? DEFAULT_PARTITION;
  const asked = useGraph(TITLE, { variables: { uid: studyUid, partition } });
  const study = asked.data?.study;
  const words = study ? wordsOfStudy(study) : 'Viewer';
  useTabName(words);
  return (
    <div className={classes.page}>
      <Group px="md" gap="md" wrap="nowrap" className={classes.bar}>
        <Anchor
          size="sm"
          renderRoot={(props) => (
            <Link
              to="/studies/$studyUid"
              params={{ studyUid }}
              search={({ beside: _, ...place }) => place}
              {...props}
            />
          )}
        >
          Back<span className={classes.wide}> to the study</span>
        </Anchor>
        <Title order={1} size="sm" textWrap="nowrap" className={classes.title} title={words}>
          {words}
        </Title>
        {study && (
          <Anchor
            size="sm"
            href={viewerAddress(studyUid, search)}
            target="_blank"
            rel="noreferrer"
            aria-label="Open in a tab of its own"
          >
            <span className={classes.wide}>Open in a tab of its own</span>
            <span className={classes.slim}>Tab</span>
          </Anchor>
        )}
        <Text size="xs" c="dimmed">
          For research, not for diagnosis.
        </Text>
      </Group>
      <div className={classes.rest}>
        <Shown asked={asked} label="Loading the study">
          {(found) =>
            found.study ? (
              <Images studyUid={studyUid} />
            ) : (
              <FaultView fault={{ code: 'NOT_FOUND', message: studyUid }} />
            )
          }
        </Shown>
      </div>
    </div>
  );
}

/** The viewer, or where it is not to be had the images alone. */
function Images({ studyUid }: { readonly studyUid: string }) {
  const search = route.useSearch();
  const asked = useViewer();
  const hasWebgl = useMemo(canDraw, []);
  return (
    <Shown asked={asked} label="Loading the viewer">
      {(isThere) =>
        isThere && hasWebgl ? (
          <iframe className={classes.frame} title="Viewer" src={viewerAddress(studyUid, search)} />
        ) : (
          <Looks studyUid={studyUid} search={search} isViewerThere={isThere} />
        )
      }
    </Shown>
  );
}
