import { Anchor, Badge, Group, Stack, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useGraph } from '~/api/useGraph';
import { useMe } from '~/app/me';
import { namesOf } from '~/domain/patientWords';
import { searchOfPlace } from '~/domain/placeSearch';
import { joined } from '~/domain/plainText';
import { Card } from '~/ui/Card';
import { RECORD } from './queries';
import { StudyDocument } from './StudyDocument';
import classes from './StudyRecord.module.css';
import { TellerWords } from './TellerWords';

interface Props {
  readonly studyUid: string;
  readonly partition: string;
}

/** What the clinical record knows of a study: its patient, reports, documents; or nothing. */
export function StudyRecord({ studyUid, partition }: Props) {
  const { may } = useMe();
  const asked = useGraph(RECORD, {
    variables: { uid: studyUid, partition },
    pause: !may('view_phi'),
  });
  const { patient, reports = [], documents = [], elements = [] } = asked.data?.study ?? {};
  if (!patient) {
    return null;
  }
  return (
    <Card
      title="Clinical record"
      aside={
        <Anchor
          size="sm"
          style={{ overflowWrap: 'anywhere' }}
          renderRoot={(props) => (
            <Link
              to="/patients/$patientId"
              params={{ patientId: patient.fhirId }}
              search={{ ...searchOfPlace(partition), at: studyUid }}
              {...props}
            />
          )}
        >
          Patient: <bdi>{namesOf(patient.names).main}</bdi>
        </Anchor>
      }
    >
      <Stack gap="sm">
        {reports.length + documents.length === 0 && (
          <Text size="sm" c="dimmed">
            No report of it is known.
          </Text>
        )}
        {reports.map(({ report, isSuggestion }) => (
          <section key={report.fhirId} aria-label="Report">
            <Group gap="xs" mb={4}>
              <Text size="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
                <bdi>{report.code?.text || 'Report'}</bdi>
              </Text>
              <Text size="xs" c="dimmed">
                {joined([report.start?.slice(0, 10), report.status], ', ')}
              </Text>
              {isSuggestion && (
                <Badge size="sm" variant="default" tt="none">
                  May be of this study
                </Badge>
              )}
            </Group>
            <p className={classes.words}>{report.text || 'It has no text.'}</p>
          </section>
        ))}
        {documents.map(({ document }) => (
          <StudyDocument key={document.fhirId} document={document} />
        ))}
        <TellerWords elements={elements} />
      </Stack>
    </Card>
  );
}
