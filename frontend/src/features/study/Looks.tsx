import { Stack, Text } from '@mantine/core';
import { useGraph } from '~/api/useGraph';
import { DEFAULT_PARTITION, type PlaceSearch, studiesOf } from '~/domain/placeSearch';
import { wordsOfStudy } from '~/domain/studyWords';
import { StudyLook } from '~/viewer/StudyLook';
import { TITLE } from './queries';
import classes from './ViewerPage.module.css';

interface Props {
  readonly studyUid: string;
  readonly search: PlaceSearch;
  readonly isViewerThere: boolean;
}

/** The images of studies alone, where the viewer cannot show them. */
export function Looks({ studyUid, search, isViewerThere }: Props) {
  const partition = search.partition ?? DEFAULT_PARTITION;
  const uids = studiesOf(studyUid, search);
  return (
    <Stack className={classes.frame} gap="xs" p="md">
      <Text size="sm" role="status">
        {isViewerThere
          ? 'The viewer needs WebGL, which this browser does not have. Here are the images alone.'
          : 'The viewer is not installed on this server. Here are the images alone.'}
      </Text>
      <div className={classes.looks}>
        {uids.map((uid) => (
          <div key={uid} className={classes.look}>
            {uids.length > 1 && <LookTitle studyUid={uid} partition={partition} />}
            <StudyLook studyUid={uid} partition={partition} />
          </div>
        ))}
      </div>
    </Stack>
  );
}

interface TitleProps {
  readonly studyUid: string;
  readonly partition: string;
}

/** Says which of several studies is which. */
function LookTitle({ studyUid, partition }: TitleProps) {
  const { data } = useGraph(TITLE, { variables: { uid: studyUid, partition } });
  return (
    <Text size="sm" truncate>
      {data?.study ? wordsOfStudy(data.study) : studyUid}
    </Text>
  );
}
