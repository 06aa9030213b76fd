import { useVirtualizer } from '@tanstack/react-virtual';
import { type CSSProperties, useEffect, useId, useRef } from 'react';
import type { Pages } from '~/api/usePages';
import { ROW_HEIGHTS, useDensity } from '~/app/density';
import type { Column } from './columns';
import { GridHead } from './GridHead';
import { GridRow } from './GridRow';
import { gridKeys } from './gridKeys';
import type { StudyRow } from './queries';
import classes from './StudyGrid.module.css';
import type { Picking, Selected } from './useSelection';

/** How many rows before the end of what is there more is asked for. */
const AHEAD = 50;
const OVERSCAN = 10;
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

/** A list of any number of studies: rows are made where somebody looks. */
export function StudyGrid(props: Props) {
  const { columns, pages, total, sort, active, selected, onPick, onSort, onLook, onOpen } = props;
  const { rows, hasMore, loadMore } = pages;
  const frame = useRef<HTMLDivElement>(null);
  const id = useId();
  const height = ROW_HEIGHTS[useDensity().density];
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => height,
    overscan: OVERSCAN,
    // The head lies over the first rows.
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

  const press = gridKeys({
    active,
    last: rows.length - 1,
    page: Math.max(1, Math.floor((frame.current?.clientHeight ?? 0) / height) - 2),
    onGo: (at, how) => {
      onPick(at, how);
      virtual.scrollToIndex(at);
    },
    onPick,
    onAll: selected.all,
    onNone: selected.clear,
    onLook,
    onOpen,
  });
  return (
    <div
      ref={frame}
      className={classes.frame}
      style={tracksOf(columns)}
      role="grid"
      aria-label="Studies"
      aria-multiselectable="true"
      aria-rowcount={total === undefined ? -1 : total + 1}
      aria-busy={pages.isLoading}
      aria-activedescendant={rows.length > 0 ? `${id}-${active}` : undefined}
      data-stale={pages.isLoading || undefined}
      tabIndex={0}
      onKeyDown={press}
    >
      <GridHead
        columns={columns}
        sort={sort}
        onSort={onSort}
        number={{ chosen: selected.studies.length, listed: rows.length }}
        onAll={selected.all}
        onNone={selected.clear}
      />
      <div role="rowgroup" className={classes.body} style={{ height: virtual.getTotalSize() }}>
        {items.map(({ index, start }) => {
          const study = rows[index];
          return (
            study && (
              <GridRow
                key={study.id}
                id={`${id}-${index}`}
                study={study}
                columns={columns}
                index={index}
                start={start}
                isActive={index === active}
                isChosen={selected.keys.has(study.id)}
                onPick={onPick}
                onOpen={onOpen}
              />
            )
          );
        })}
      </div>
    </div>
  );
}

/** Returns the tracks of the columns, and the least width of them together. */
function tracksOf(columns: readonly Column[]): CSSProperties {
  const tracks = columns.map(({ width, grows }) =>
    grows === undefined ? `${width}px` : `minmax(${width}px, ${grows}fr)`,
  );
  const least = columns.reduce((sum, { width }) => sum + width, CHECK_WIDTH);
  return {
    '--tracks': [`${CHECK_WIDTH}px`, ...tracks].join(' '),
    '--least-width': `${least}px`,
  } as CSSProperties;
}
