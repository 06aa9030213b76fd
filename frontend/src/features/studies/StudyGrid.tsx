import type { Pages } from '~/api/usePages';
import { ROW_HEIGHTS, useDensity } from '~/app/density';
import type { Picking } from '~/domain/selection';
import { Grid } from '~/ui/Grid';
import type { Column } from './columns';
import { GridHead } from './GridHead';
import { GridRow } from './GridRow';
import type { StudyRow } from './queries';
import type { Selected } from './useSelection';

const CHECK_WIDTH = 36;

interface Props {
  readonly columns: readonly Column[];
  readonly pages: Pages<StudyRow>;
  readonly total: number | undefined;
  readonly sort: string | undefined;
  readonly active: number;
  readonly selected: Selected;
  readonly onPick: (at: number, how: Picking) => void;
  readonly onSort: (sort: string) => void;
  readonly onLook: () => void;
  readonly onOpen: (at: number) => void;
}

/** A list of any number of studies, that are chosen, looked at and opened. */
export function StudyGrid(props: Props) {
  const { columns, pages, total, sort, active, selected, onPick, onSort, onLook, onOpen } = props;
  return (
    <Grid
      label="Studies"
      pages={pages}
      total={total}
      active={active}
      height={ROW_HEIGHTS[useDensity().density]}
      tracks={tracksOf(columns)}
      leastWidth={columns.reduce((sum, { width }) => sum + width, CHECK_WIDTH)}
      isMultiselectable
      head={
        <GridHead
          columns={columns}
          sort={sort}
          onSort={onSort}
          number={{ chosen: selected.studies.length, listed: pages.rows.length }}
          onAll={selected.all}
          onNone={selected.clear}
        />
      }
      deeds={{
        onOpen,
        onLook,
        onToggle: (at) => onPick(at, 'toggle'),
        onAll: selected.all,
        onNone: selected.clear,
      }}
      onGo={onPick}
    >
      {({ row, index, id, start }) => (
        <GridRow
          key={row.id}
          id={id}
          study={row}
          columns={columns}
          index={index}
          start={start}
          isActive={index === active}
          isChosen={selected.keys.has(row.id)}
          onPick={onPick}
          onOpen={onOpen}
        />
      )}
    </Grid>
  );
}

function tracksOf(columns: readonly Column[]): string {
  const tracks = columns.map(({ width, grows }) =>
    grows === undefined ? `${width}px` : `minmax(${width}px, ${grows}fr)`,
  );
  return [`${CHECK_WIDTH}px`, ...tracks].join(' ');
}
