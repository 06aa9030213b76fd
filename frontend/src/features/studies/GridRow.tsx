import { Link } from '@tanstack/react-router';
import { memo } from 'react';
import { searchOfPlace } from '~/domain/placeSearch';
import type { Column } from './columns';
import type { StudyRow } from './queries';
import classes from './StudyGrid.module.css';

interface Props {
  readonly id: string;
  readonly study: StudyRow;
  readonly columns: readonly Column[];
  readonly index: number;
  readonly start: number;
  readonly isActive: boolean;
  readonly onActive: (at: number) => void;
  readonly onOpen: (at: number) => void;
}

/** A study in the list. */
export const GridRow = memo(function GridRow(props: Props) {
  const { id, study, columns, index, start, isActive, onActive, onOpen } = props;
  return (
    // The grid has the focus and the keys; a row only takes clicks.
    <div
      id={id}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={isActive}
      className={`${classes.tracks} ${classes.row}`}
      style={{ transform: `translateY(${start}px)` }}
      onClick={() => onActive(index)}
      onDoubleClick={() => onOpen(index)}
    >
      {columns.map((column) => {
        const text = column.read(study);
        return (
          <div
            key={column.key}
            role="gridcell"
            className={classes.cell}
            data-number={column.isNumber}
            title={text}
          >
            {column.key === 'description' ? (
              <Link
                to="/studies/$studyUid"
                params={{ studyUid: study.studyInstanceUid }}
                search={searchOfPlace(study.partition.name)}
                className={classes.link}
                tabIndex={-1}
                // Who goes to the study page does not choose the row as well.
                onClick={(event) => event.stopPropagation()}
              >
                {text || 'No description'}
              </Link>
            ) : (
              text
            )}
          </div>
        );
      })}
    </div>
  );
});
