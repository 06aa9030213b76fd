import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useEffect, useId, useRef } from 'react';
import type { Pages } from '~/api/usePages';
import { ROW_HEIGHTS, useDensity } from '~/app/density';
import type { Column } from './columns';
import { GridHead } from './GridHead';
import { GridRow } from './GridRow';
import type { StudyRow } from './queries';
import classes from './StudyGrid.module.css';

/** How many rows before the end of what is there more is asked for. */
const AHEAD = 50;
const OVERSCAN = 10;

interface Props {
  readonly columns: readonly Column[];
  readonly pages: Pages<StudyRow>;
  readonly total: number | undefined;
  readonly sort: string | undefined;
  readonly active: number;
  readonly onActive: (at: number) => void;
  readonly onSort: (sort: string) => void;
  readonly onLook: () => void;
  readonly onOpen: (at: number) => void;
}

/** A list of any number of studies: rows are made where somebody looks. */
export function StudyGrid(props: Props) {
  const { columns, pages, total, sort, active, onActive, onSort, onLook, onOpen } = props;
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

  const go = (to: number) => {
    const at = Math.max(0, Math.min(rows.length - 1, to));
    onActive(at);
    virtual.scrollToIndex(at);
  };
  const page = Math.max(1, Math.floor((frame.current?.clientHeight ?? 0) / height) - 2);
  const steps: ReadonlyMap<string, () => void> = new Map([
    ['ArrowDown', () => go(active + 1)],
    ['ArrowUp', () => go(active - 1)],
    ['PageDown', () => go(active + page)],
    ['PageUp', () => go(active - page)],
    ['Home', () => go(0)],
    ['End', () => go(rows.length - 1)],
    ['Enter', () => onOpen(active)],
    [' ', onLook],
  ]);
  const press = (event: KeyboardEvent) => {
    const step = steps.get(event.key);
    // Keys on links and buttons inside are theirs.
    if (step !== undefined && event.target === frame.current && !hasModifier(event)) {
      event.preventDefault();
      step();
    }
  };
  const tracks = columns.map(({ width }) => width).join(' ');
  return (
    <div
      ref={frame}
      className={classes.frame}
      style={{ '--tracks': tracks }}
      role="grid"
      aria-label="Studies"
      aria-rowcount={total === undefined ? -1 : total + 1}
      aria-busy={pages.isLoading}
      aria-activedescendant={rows.length > 0 ? `${id}-${active}` : undefined}
      data-stale={pages.isLoading || undefined}
      tabIndex={0}
      onKeyDown={press}
    >
      <GridHead columns={columns} sort={sort} onSort={onSort} />
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
                onActive={onActive}
                onOpen={onOpen}
              />
            )
          );
        })}
      </div>
    </div>
  );
}

function hasModifier(event: KeyboardEvent): boolean {
  return event.altKey || event.ctrlKey || event.metaKey;
}
