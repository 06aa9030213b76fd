import { UnstyledButton } from '@mantine/core';
import { sortOf } from '~/domain/studySearch';
import grid from '~/ui/Grid.module.css';
import type { Column } from './columns';
import classes from './StudyGrid.module.css';

interface Props {
  readonly columns: readonly Column[];
  readonly sort: string | undefined;
  readonly onSort: (sort: string) => void;
  readonly number: Chosen;
  readonly onAll: () => void;
  readonly onNone: () => void;
}

/** How many of the rows that are there are chosen. */
interface Chosen {
  readonly chosen: number;
  readonly listed: number;
}

/** The names of the columns; those that can be sorted by are buttons. */
export function GridHead({ columns, sort, onSort, number, onAll, onNone }: Props) {
  const isAll = number.chosen === number.listed;
  const { keyword, isDescending } = sortOf(sort);
  return (
    <div role="rowgroup" className={grid.head}>
      <div role="row" aria-rowindex={1} className={grid.tracks}>
        <div role="columnheader" className={grid.cell}>
          <input
            type="checkbox"
            className={classes.check}
            aria-label="Choose all that are listed"
            checked={isAll}
            ref={(box) => {
              if (box !== null) {
                box.indeterminate = number.chosen > 0 && !isAll;
              }
            }}
            onChange={isAll ? onNone : onAll}
          />
        </div>
        {columns.map((column) => {
          const isSorted = column.sort !== undefined && column.sort === keyword;
          return (
            <div
              key={column.key}
              role="columnheader"
              className={grid.cell}
              data-number={column.isNumber}
              aria-sort={order(isSorted, isDescending)}
            >
              {column.sort === undefined ? (
                column.title
              ) : (
                <UnstyledButton
                  className={classes.sort}
                  onClick={() => onSort(next(column.sort ?? '', isSorted, isDescending))}
                >
                  {column.title}
                  <span aria-hidden="true">{mark(isSorted, isDescending)}</span>
                </UnstyledButton>
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function order(isSorted: boolean, isDescending: boolean) {
  if (!isSorted) {
    return 'none' as const;
  }
  return isDescending ? ('descending' as const) : ('ascending' as const);
}

function mark(isSorted: boolean, isDescending: boolean): string {
  if (!isSorted) {
    return '';
  }
  return isDescending ? ' ▼' : ' ▲';
}

/** Up, down, and then as the server has them: stored last first. */
function next(keyword: string, isSorted: boolean, isDescending: boolean): string {
  if (!isSorted) {
    return keyword;
  }
  return isDescending ? '' : `-${keyword}`;
}
