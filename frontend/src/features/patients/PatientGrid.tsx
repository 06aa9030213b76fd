import { Badge } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { Pages } from '~/api/usePages';
import { ROW_HEIGHTS, useDensity } from '~/app/density';
import { ageOf, deathOf, namesOf, sexOf, sourceWords } from '~/domain/patientWords';
import type { PlaceSearch } from '~/domain/placeSearch';
import { joined } from '~/domain/plainText';
import { today } from '~/domain/timeline/days';
import { Grid } from '~/ui/Grid';
import grid from '~/ui/Grid.module.css';
import { GridHead } from '~/ui/GridHead';
import classes from './Patients.module.css';
import type { PatientRow } from './queries';

const TITLES = ['Name', 'Identifiers', 'Born', 'Age', 'Sex', 'Died', 'From'] as const;
const TRACKS = 'minmax(220px, 2fr) minmax(170px, 1fr) 108px 76px 76px 108px minmax(110px, 1fr)';
const LEAST_WIDTH = 870;

interface Props {
  readonly pages: Pages<PatientRow>;
  readonly total: number | undefined;
  readonly active: number;
  /** What addresses of patients say of their partition. */
  readonly place: PlaceSearch;
  readonly onGo: (at: number) => void;
  readonly onOpen: (at: number) => void;
}

/** A list of any number of patients, that are opened. */
export function PatientGrid({ pages, total, active, place, onGo, onOpen }: Props) {
  return (
    <Grid
      label="Patients"
      pages={pages}
      total={total}
      active={active}
      height={ROW_HEIGHTS[useDensity().density]}
      tracks={TRACKS}
      leastWidth={LEAST_WIDTH}
      head={<GridHead titles={TITLES} />}
      deeds={{ onOpen }}
      onGo={onGo}
    >
      {({ row, index, id, start }) => (
        // The grid has the focus and the keys; a row only takes clicks.
        <div
          key={row.id}
          id={id}
          role="row"
          aria-rowindex={index + 2}
          data-active={index === active || undefined}
          data-opens
          className={`${grid.tracks} ${grid.row}`}
          style={{ transform: `translateY(${start}px)` }}
          onMouseDown={() => onGo(index)}
          onClick={() => onOpen(index)}
        >
          <Cells patient={row} place={place} />
        </div>
      )}
    </Grid>
  );
}

interface CellsProps {
  readonly patient: PatientRow;
  readonly place: PlaceSearch;
}

function Cells({ patient, place }: CellsProps) {
  const { main, others } = namesOf(patient.names);
  const identifiers = joined(
    patient.identifiers.map(({ value }) => value),
    ', ',
  );
  return (
    <>
      <div role="gridcell" className={grid.cell} title={joined([main, ...others], ' · ')}>
        <Link
          to="/patients/$patientId"
          params={{ patientId: patient.fhirId }}
          search={place}
          className={grid.link}
          tabIndex={-1}
          onClick={(event) => event.stopPropagation()}
        >
          <bdi>{main}</bdi>
        </Link>
        {others.map((name) => (
          <span key={name} className={classes.other}>
            <bdi>{name}</bdi>
          </span>
        ))}
      </div>
      <Cell text={identifiers} />
      <Cell text={patient.birthDate ?? ''} />
      <Cell text={ageOf(patient, today())} />
      <Cell text={sexOf(patient.sex)} />
      <Cell text={deathOf(patient).replace(/^Died /, '')} />
      <div role="gridcell" className={grid.cell}>
        {patient.sources.map((source) => (
          <Badge key={source} size="sm" variant="default" tt="none" fw={500} mr={4}>
            {sourceWords(source)}
          </Badge>
        ))}
      </div>
    </>
  );
}

function Cell({ text }: { readonly text: string }) {
  return (
    <div role="gridcell" className={grid.cell} title={text}>
      <bdi>{text}</bdi>
    </div>
  );
}
