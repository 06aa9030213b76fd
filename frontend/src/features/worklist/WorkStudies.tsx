import { Anchor, Button, List, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { counted } from '~/domain/amount';
import { readableDate } from '~/domain/dicomDate';
import { searchOfPlace, viewerPlace } from '~/domain/placeSearch';
import { joined } from '~/domain/plainText';
import type { WorkDetail } from './queries';

interface Props {
  readonly work: WorkDetail;
  readonly partition: string;
}

/** The studies that a workitem names, and the way to look at them. */
export function WorkStudies({ work, partition }: Props) {
  const studies = work.studies.edges.map(({ node }) => node);
  const uids = studies.map(({ studyInstanceUid }) => studyInstanceUid);
  const viewer = viewerPlace(uids, partition);
  const absent = work.studyInstanceUids.length - uids.length;
  const place = searchOfPlace(partition);
  if (work.studyInstanceUids.length === 0) {
    return null;
  }
  return (
    <section aria-label="Studies">
      {viewer !== undefined && (
        <Button
          size="xs"
          variant="light"
          fullWidth
          mb={4}
          renderRoot={(props) => (
            <Link
              to="/studies/$studyUid/viewer"
              params={{ studyUid: viewer.studyUid }}
              search={viewer.search}
              {...props}
            />
          )}
        >
          Open in the viewer
        </Button>
      )}
      <List size="sm" listStyleType="none">
        {studies.map((study) => (
          <List.Item key={study.id}>
            <Anchor
              size="sm"
              renderRoot={(props) => (
                <Link
                  to="/studies/$studyUid"
                  params={{ studyUid: study.studyInstanceUid }}
                  search={place}
                  {...props}
                />
              )}
            >
              <bdi>{study.studyDescription || 'Study'}</bdi>
            </Anchor>{' '}
            <Text span size="sm" c="dimmed">
              {joined([study.modalitiesInStudy.join(', '), readableDate(study.studyDate)], ', ')}
            </Text>
          </List.Item>
        ))}
      </List>
      {absent > 0 && (
        <Text size="sm" c="dimmed">
          {counted(absent, 'study', 'studies')} that it names {absent === 1 ? 'is' : 'are'} not
          here, or not open to you.
        </Text>
      )}
    </section>
  );
}
