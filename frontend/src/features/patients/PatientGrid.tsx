import { Badge } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useId, useRef } from 'react';
import type { Pages } from '~/api/usePages';
import { ROW_HEIGHTS, useDensity } from '~/app/density';
import { ageOf, deathOf, namesOf, sexOf, sourceWords } from '~/domain/patientWords';
import type { PlaceSearch } from '~/domain/placeSearch';
import { joined } from '~/domain/plainText';
import { today } from '~/domain/timeline/days';
import { listKeys } from './listKeys';
import classes from './Patients.module.css';
import type { PatientRow } from './queries';

/** How many rows before the end of what is there more is asked for. */
const AHEAD = 50;
const OVERSCAN = 10;
const TITLES = ['Name', 'Identifiers', 'Born', 'Age', 'Sex', 'Died', 'From'] as const;

interface Props {
  readonly pages: Pages<PatientRow>;
  readonly total: number | undefined;
  readonly active: number;
  /** What addresses of patients say of their partition. */
  readonly place: PlaceSearch;
  readonly onGo: (at: number) => void;
  readonly onOpen: (at: number) => void;
}

/** A list of any number of patients: rows are made where somebody looks. */
export function PatientGrid({ pages, total, active, place, onGo, onOpen }: Props) {
  const { rows, hasMore, loadMore } = pages;
  const frame = useRef<HTMLDivElement>(null);
  const id = useId();
  const height = ROW_HEIGHTS[useDensity().density];
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => height,
    overscan: OVERSCAN,
    scrollPaddingStart: height,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows are measured anew where their height changes
  useEffect(() => virtual.measure(), [virtual, height]);
  // Who comes to the list can use its keys at once; who is typing goes on typing.
  useEffect(() => {
    if (document.activeElement === document.body) {
      frame.current?.focus({ preventScroll: true });
    }
  }, []);
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && last >= rows.length - AHEAD) {
      loadMore();
    }
  }, [hasMore, last, rows.length, loadMore]);
  const press = listKeys({
    active,
    last: rows.length - 1,
    page: Math.max(1, Math.floor((frame.current?.clientHeight ?? 0) / height) - 2),
    onGo: (at) => {
      onGo(at);
      virtual.scrollToIndex(at);
    },
    onOpen,
  });
  return (
    <div
      ref={frame}
      className={classes.frame}
      role="grid"
      aria-label="Patients"
      aria-rowcount={total === undefined ? -1 : total + 1}
      aria-busy={pages.isLoading}
      aria-activedescendant={rows.length > 0 ? `${id}-${active}` : undefined}
      data-stale={pages.isLoading || undefined}
      tabIndex={0}
      onKeyDown={press}
    >
      <div role="rowgroup" className={classes.head}>
        <div role="row" aria-rowindex={1} className={classes.tracks}>
          {TITLES.map((title) => (
            <div key={title} role="columnheader" className={classes.cell}>
              {title}
            </div>
          ))}
        </div>
      </div>
      <div role="rowgroup" className={classes.body} style={{ height: virtual.getTotalSize() }}>
        {items.map(({ index, start }) => {
          const patient = rows[index];
          return (
            patient && (
              // The grid has the focus and the keys; a row only takes clicks.
              <div
                key={patient.id}
                id={`${id}-${index}`}
                role="row"
                aria-rowindex={index + 2}
                data-active={index === active || undefined}
                className={`${classes.tracks} ${classes.row}`}
                style={{ transform: `translateY(${start}px)` }}
                onMouseDown={() => onGo(index)}
                onClick={() => onOpen(index)}
              >
                <Cells patient={patient} place={place} />
              </div>
            )
          );
        })}
      </div>
    </div>
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
      <div role="gridcell" className={classes.cell} title={joined([main, ...others], ' · ')}>
        <Link
          to="/patients/$patientId"
          params={{ patientId: patient.fhirId }}
          search={place}
          className={classes.link}
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
      <div role="gridcell" className={classes.cell}>
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
    <div role="gridcell" className={classes.cell} title={text}>
      <bdi>{text}</bdi>
    </div>
  );
}
