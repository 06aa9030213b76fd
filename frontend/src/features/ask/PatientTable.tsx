import { Table, Text } from '@mantine/core';
import { usePages } from '~/api/usePages';
import { spanWords } from '~/domain/ask/spanWords';
import { sexOf } from '~/domain/patientWords';
import type { PlaceSearch } from '~/domain/placeSearch';
import { joined } from '~/domain/plainText';
import { CourseButton } from './CourseButton';
import { Pager } from './Pager';
import { PatientLink } from './PatientLink';
import { PATIENTS, type PatientRow } from './queries';
import { Reasons } from './Reasons';
import { SCROLLED } from './scrolled';

const PAGE_SIZE = 50;
const NONE = { edges: [], pageInfo: { hasNextPage: false } };

interface Props {
  readonly run: string;
  readonly titles: readonly string[];
  readonly place: PlaceSearch;
  readonly onAskAnew: () => void;
}

/** The patients of an answer. */
export function PatientTable({ run, titles, place, onAskAnew }: Props) {
  const pages = usePages(
    PATIENTS,
    { run, first: PAGE_SIZE },
    (data) => data.cohortRun?.patients ?? NONE,
  );
  return (
    <Pager pages={pages} name="Patients" onAskAnew={onAskAnew}>
      {(rows) => (
        <Table.ScrollContainer scrollAreaProps={SCROLLED} minWidth={640}>
          <Table fz="sm" aria-label="Patients">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Patient</Table.Th>
                <Table.Th>{rows.some(isUnnamed) ? 'Age' : 'Born'}</Table.Th>
                <Table.Th>Sex</Table.Th>
                <Table.Th>Why</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((row, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: rows keep their places
                <Table.Tr key={at}>
                  <Table.Td>
                    {isUnnamed(row) ? (
                      <CourseButton
                        run={run}
                        cursor={row.cursor}
                        pseudonym={row.pseudonym ?? ''}
                        titles={titles}
                      />
                    ) : (
                      <PatientLink
                        names={row.patient?.names ?? []}
                        identifiers={row.identifiers}
                        fhirIds={row.fhirIds}
                        place={place}
                      />
                    )}
                    <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
                      {joined(
                        row.identifiers.map(({ value }) => value),
                        ', ',
                      )}
                    </Text>
                  </Table.Td>
                  <Table.Td>
                    {isUnnamed(row) ? row.age : spanWords(row.birthFirst, row.birthLast)}
                  </Table.Td>
                  <Table.Td>
                    {sexOf(row.sex)}
                    {row.deceased && ', died'}
                  </Table.Td>
                  <Table.Td>
                    <Reasons reasons={row.reasons} titles={titles} />
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Pager>
  );
}

function isUnnamed({ pseudonym }: PatientRow): boolean {
  return pseudonym != null;
}
