import { Badge, Button, Group, Stack, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { addressOf } from '~/api/dicomweb';
import { useGraph } from '~/api/useGraph';
import { searchOfPlace } from '~/domain/placeSearch';
import { joined } from '~/domain/plainText';
import { Shown } from '~/ui/Shown';
import { STUDY, type StudyOfPatient } from './queries';
import classes from './Timeline.module.css';

interface Props {
  readonly studyUid: string;
  readonly partition: string;
}

/** A study: its pictures, its reports beside them, the ways to it. */
export function StudyPanel({ studyUid, partition }: Props) {
  const asked = useGraph(STUDY, { variables: { uid: studyUid, partition } });
  return (
    <Shown asked={asked} label="Loading the study" rows={4}>
      {({ study }) =>
        study ? (
          <Found study={study} partition={partition} />
        ) : (
          <Text size="sm" c="dimmed">
            Its images are not held here, or not open to you.
          </Text>
        )
      }
    </Shown>
  );
}

function Found({ study, partition }: { study: StudyOfPatient; partition: string }) {
  const link = {
    params: { studyUid: study.studyInstanceUid },
    search: searchOfPlace(partition),
  };
  const reasons = study.orders.flatMap((order) => [
    order.code?.text,
    ...order.reasons.map(({ text }) => text),
  ]);
  return (
    <Stack gap="sm">
      <Group gap="xs">
        <Button
          size="xs"
          renderRoot={(props) => <Link to="/studies/$studyUid/viewer" {...link} {...props} />}
        >
          Open in the viewer
        </Button>
        <Button
          size="xs"
          variant="default"
          renderRoot={(props) => <Link to="/studies/$studyUid" {...link} {...props} />}
        >
          Study page
        </Button>
      </Group>
      <div className={classes.pictures}>
        {study.series.edges.map(({ node }) => (
          <div key={node.id}>
            <Picture
              address={`${addressOf({
                partition,
                studyUid: study.studyInstanceUid,
                seriesUid: node.seriesInstanceUid,
              })}/thumbnail?accept=image/jpeg`}
              words={node.modality ?? '?'}
            />
            <Text size="xs" truncate title={node.seriesDescription ?? ''}>
              <bdi>{node.seriesDescription || node.modality}</bdi>
            </Text>
          </div>
        ))}
      </div>
      {reasons.some(Boolean) && (
        <Text size="sm">
          <Text span c="dimmed" size="sm">
            Asked for:{' '}
          </Text>
          <bdi>{joined(reasons, ', ')}</bdi>
        </Text>
      )}
      {study.reports.length === 0 && (
        <Text size="sm" c="dimmed">
          No report of it is known.
        </Text>
      )}
      {study.reports.map(({ report, isSuggestion }) => (
        <section key={report.fhirId} aria-label="Report">
          <Group gap="xs" mb={4}>
            <Text size="sm" fw={600}>
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
    </Stack>
  );
}

function Picture({ address, words }: { readonly address: string; readonly words: string }) {
  const [isMissing, setMissing] = useState(false);
  return (
    <div className={classes.picture}>
      {isMissing ? (
        <span>{words}</span>
      ) : (
        <img src={address} alt="" loading="lazy" onError={() => setMissing(true)} />
      )}
    </div>
  );
}
