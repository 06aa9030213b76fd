import { Text } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useSearchChange } from '~/app/useSearchChange';
import { counted } from '~/domain/amount';
import { isPatientNarrowed, type PatientSearch } from '~/domain/patientSearch';
import { DEFAULT_PARTITION, searchOfPlace } from '~/domain/placeSearch';
import { Empty } from '~/ui/Empty';
import { FaultView } from '~/ui/FaultView';
import list from '~/ui/ListPage.module.css';
import { Loading } from '~/ui/Loading';
import { PageTitle } from '~/ui/PageTitle';
import { Filters } from './Filters';
import { PatientGrid } from './PatientGrid';
import { usePatients } from './usePatients';

const route = getRouteApi('/patients');

/** All patients that the account sees: searched, listed, opened. */
export function Patients() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { pages, total, question } = usePatients(search);
  const { rows, isLoading, fault, reload } = pages;
  const [active, setActive] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another list begins at its first row
  useEffect(() => setActive(0), [question]);
  const change = useSearchChange<PatientSearch>(route.id);
  const place = searchOfPlace(search.partition ?? DEFAULT_PARTITION);
  const open = (at: number) => {
    const patient = rows[at];
    if (patient !== undefined) {
      void navigate({
        to: '/patients/$patientId',
        params: { patientId: patient.fhirId },
        search: place,
      });
    }
  };
  return (
    <div className={list.page}>
      <PageTitle title="Patients">
        <Text size="sm" c="dimmed" role="status">
          {total !== undefined && counted(total, 'patient')}
        </Text>
      </PageTitle>
      {fault?.code !== 'FORBIDDEN' && <Filters search={search} change={change} />}
      {fault !== undefined && <FaultView fault={fault} onTryAgain={reload} />}
      {fault === undefined && rows.length === 0 && isLoading && (
        <Loading label="Loading patients" rows={10} />
      )}
      {fault === undefined && rows.length === 0 && !isLoading && (
        <Nothing isNarrowed={isPatientNarrowed(search)} />
      )}
      {rows.length > 0 && (
        <>
          <PatientGrid
            pages={pages}
            total={total}
            active={Math.min(active, rows.length - 1)}
            place={place}
            onGo={setActive}
            onOpen={open}
          />
          <Text size="xs" c="dimmed" mt="xs" visibleFrom="sm">
            Arrow keys go to a patient. Enter: open.
          </Text>
        </>
      )}
    </div>
  );
}

function Nothing({ isNarrowed }: { readonly isNarrowed: boolean }) {
  return isNarrowed ? (
    <Empty title="No patient matches">Change or clear what narrows the list.</Empty>
  ) : (
    <Empty title="There are no patients that you may see">
      They come with the clinical record, and with images.
    </Empty>
  );
}
