import { Link } from '@tanstack/react-router';
import { type MouseEvent, memo } from 'react';
import { searchOfPlace } from '~/domain/placeSearch';
import type { Picking } from '~/domain/selection';
import grid from '~/ui/Grid.module.css';
import { type Column, LEADING } from './columns';
import type { StudyRow } from './queries';
import classes from './StudyGrid.module.css';

interface Props {
  readonly id: string;
  readonly study: StudyRow;
  readonly columns: readonly Column[];
  readonly index: number;
  readonly start: number;
  readonly isActive: boolean;
  readonly isChosen: boolean;
  readonly onPick: (at: number, how: Picking) => void;
  readonly onOpen: (at: number) => void;
}

/** A study in the list. */
export const GridRow = memo(function GridRow(props: Props) {
  const { id, study, columns, index, start, isActive, isChosen, onPick, onOpen } = props;
  return (
    // The grid has the focus and the keys; a row only takes clicks.
    <div
      id={id}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={isChosen}
      data-active={isActive || undefined}
      className={`${grid.tracks} ${grid.row}`}
      style={{ transform: `translateY(${start}px)` }}
      onMouseDown={(event) => {
        // A range of rows is no range of their texts.
        if (event.shiftKey) {
          event.preventDefault();
        }
      }}
      onClick={(event) => onPick(index, pickOf(event))}
      onDoubleClick={() => onOpen(index)}
    >
      <div role="gridcell" className={grid.cell}>
        <input
          type="checkbox"
          className={classes.check}
          tabIndex={-1}
          checked={isChosen}
          aria-label={`Choose ${study.studyDescription || study.studyInstanceUid}`}
          onChange={() => undefined}
          onDoubleClick={(event) => event.stopPropagation()}
          onClick={(event) => {
            event.stopPropagation();
            onPick(index, event.shiftKey ? 'range' : 'toggle');
            // The list keeps the keys.
            event.currentTarget.closest<HTMLElement>('[role=grid]')?.focus({ preventScroll: true });
          }}
        />
      </div>
      {columns.map((column) => {
        const text = column.read(study);
        return (
          <div
            key={column.key}
            role="gridcell"
            className={grid.cell}
            data-number={column.isNumber}
            title={text}
          >
            {column.key === LEADING ? (
              <Link
                to="/studies/$studyUid"
                params={{ studyUid: study.studyInstanceUid }}
                search={searchOfPlace(study.partition.name)}
                className={grid.link}
                tabIndex={-1}
                // Who goes to the study page does not choose the row as well.
                onClick={(event) => event.stopPropagation()}
              >
                <bdi>{text || 'No description'}</bdi>
              </Link>
            ) : (
              <bdi>{text}</bdi>
            )}
          </div>
        );
      })}
    </div>
  );
});

function pickOf(event: MouseEvent): Picking {
  if (event.shiftKey) {
    return 'range';
  }
  return event.ctrlKey || event.metaKey ? 'toggle' : 'go';
}
