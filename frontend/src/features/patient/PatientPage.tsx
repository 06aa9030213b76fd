import { Stack, Text } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useGraph } from '~/api/useGraph';
import { DEFAULT_PARTITION } from '~/domain/placeSearch';
import { readTimeline } from '~/domain/timeline/event';
import { Empty } from '~/ui/Empty';
import { FaultView } from '~/ui/FaultView';
import { PageTitle } from '~/ui/PageTitle';
import { Shown } from '~/ui/Shown';
import { History } from './History';
import { PatientHead } from './PatientHead';
import { PATIENT, type PatientOfPage } from './queries';

const route = getRouteApi('/patients/$patientId');

/** A patient: who it is, and all that happened, in the order of days. */
export function PatientPage() {
  const { patientId } = route.useParams();
  const { partition = DEFAULT_PARTITION } = route.useSearch();
  const asked = useGraph(PATIENT, { variables: { id: patientId, partition } });
  return (
    <>
      {!asked.data?.patient && <PageTitle title="Patient" />}
      <Shown asked={asked} label="Loading the patient" rows={10}>
        {({ patient }) =>
          patient ? (
            <Found key={patient.id} patient={patient} partition={partition} />
          ) : (
            <FaultView fault={{ code: 'NOT_FOUND', message: patientId }} />
          )
        }
      </Shown>
    </>
  );
}

function Found({ patient, partition }: { patient: PatientOfPage; partition: string }) {
  const { timeline } = patient;
  const events = useMemo(() => readTimeline(timeline), [timeline]);
  return (
    <Stack gap={0}>
      <PatientHead patient={patient} />
      {timeline.hasMore && (
        <Text size="sm" mb="xs" role="status">
          The first {timeline.numberOfEvents} events are shown; there are more.
        </Text>
      )}
      {events.length === 0 ? (
        <Empty title="Nothing is known of this patient yet">
          What the record and the images tell comes here some seconds after it is stored.
        </Empty>
      ) : (
        <History patient={patient} partition={partition} events={events} />
      )}
    </Stack>
  );
}
