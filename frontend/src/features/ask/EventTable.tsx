import { Table, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { usePages } from '~/api/usePages';
import { spanWords } from '~/domain/ask/spanWords';
import type { PlaceSearch } from '~/domain/placeSearch';
import { joined, unturned } from '~/domain/plainText';
import classes from './Ask.module.css';
import { Pager } from './Pager';
import { PatientLink } from './PatientLink';
import { type EventRow, ROWS, type Rows } from './queries';
import { Reasons } from './Reasons';
import { Series } from './Series';
import { SCROLLED } from './scrolled';

const PAGE_SIZE = 50;
const NONE: Rows = { edges: [], pageInfo: { hasNextPage: false, endCursor: null } };

interface Props {
  readonly run: string;
  /** Its place among the outputs. */
  readonly output: number;
  readonly name: string;
  readonly titles: readonly string[];
  readonly place: PlaceSearch;
  readonly onAskAnew: () => void;
}

/** What was wanted of the patients: medications, studies, reports. */
export function EventTable({ run, output, name, titles, place, onAskAnew }: Props) {
  const pages = usePages(
    ROWS,
    { run, places: [output], first: PAGE_SIZE },
    (data) => data.cohortRun?.outputs.find(({ place: at }) => at === output)?.rows ?? NONE,
  );
  return (
    <Pager pages={pages} name={name} onAskAnew={onAskAnew}>
      {(rows) => (
        <Table.ScrollContainer scrollAreaProps={SCROLLED} minWidth={720}>
          <Table fz="sm" aria-label={name}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>When</Table.Th>
                <Table.Th>What</Table.Th>
                <Table.Th>Patient</Table.Th>
                <Table.Th>Why</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((row, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: rows keep their places
                <Table.Tr key={at}>
                  <Table.Td className={classes.when}>
                    {spanWords(row.event.startFirst, row.event.startLast)}
                  </Table.Td>
                  <Table.Td>
                    <What row={row} place={place} />
                  </Table.Td>
                  <Table.Td>
                    {row.pseudonym != null ? (
                      row.pseudonym
                    ) : (
                      <PatientLink
                        names={row.patient?.names ?? []}
                        identifiers={[]}
                        fhirIds={row.patientIds}
                        place={place}
                      />
                    )}
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

function What({
  row: { event, identifiers, pseudonym, series },
  place,
}: {
  row: EventRow;
  place: PlaceSearch;
}) {
  const { label, category, value, unit, status } = event;
  // What stands for a study without its name has no page.
  const studies = pseudonym == null ? event.studies : [];
  const name = label || category || identifiers[0]?.value || 'Without a name';
  const [only] = studies;
  const isStudy = event.kind === 'IMAGING' && only !== undefined;
  return (
    <>
      <bdi>{name}</bdi>
      <Text size="xs" c="dimmed">
        {joined([category === name ? '' : category, joined([value, unit], ' '), status], ', ')}
      </Text>
      <Series series={series} />
      {studies.map((uid, at) => (
        <div key={uid} className={classes.links}>
          <Link
            to="/studies/$studyUid"
            params={{ studyUid: uid }}
            search={place}
            className={classes.link}
            aria-label={`Study page of ${unturned(name)}${at > 0 ? ` (${at + 1})` : ''}`}
          >
            {isStudy ? 'Study page' : 'Its study'}
          </Link>
          <Link
            to="/studies/$studyUid/viewer"
            params={{ studyUid: uid }}
            search={place}
            className={classes.link}
            aria-label={`Viewer of ${unturned(name)}${at > 0 ? ` (${at + 1})` : ''}`}
          >
            Viewer
          </Link>
        </div>
      ))}
    </>
  );
}
