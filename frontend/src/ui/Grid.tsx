import { useVirtualizer } from '@tanstack/react-virtual';
import { type CSSProperties, type ReactNode, useEffect, useId, useRef } from 'react';
import type { Picking } from '~/domain/selection';
import classes from './Grid.module.css';
import { type Deeds, gridKeys } from './gridKeys';

/** How many rows before the end of what is there more is asked for. */
const AHEAD = 50;
const OVERSCAN = 10;

/** A row that is drawn. */
export interface Drawn<Row> {
  readonly row: Row;
  readonly index: number;
  /** The id that its element has. */
  readonly id: string;
  /** How many pixels below the first row it begins. */
  readonly start: number;
}

interface Rows<Row> {
  readonly rows: readonly Row[];
  readonly hasMore: boolean;
  readonly loadMore: () => void;
  readonly isLoading: boolean;
}

interface Props<Row> {
  readonly label: string;
  readonly pages: Rows<Row>;
  readonly total: number | undefined;
  /** The row that the keys are at. */
  readonly active: number;
  /** The height of a row, in pixels. */
  readonly height: number;
  /** The widths of the columns, as grid-template-columns has them. */
  readonly tracks: string;
  /** The width, in pixels, below which the list is scrolled sideways. */
  readonly leastWidth: number;
  readonly isMultiselectable?: boolean;
  readonly head: ReactNode;
  readonly deeds: Deeds;
  readonly onGo: (at: number, how: Picking) => void;
  readonly children: (drawn: Drawn<Row>) => ReactNode;
}

/** A list of any number of rows, made where somebody looks; it has the focus and the keys. */
export function Grid<Row>(props: Props<Row>) {
  const { label, pages, total, active, height, tracks, leastWidth, deeds, onGo } = props;
  const { rows, hasMore, loadMore, isLoading } = pages;
  const frame = useRef<HTMLDivElement>(null);
  const id = useId();
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
    ...deeds,
    active,
    last: rows.length - 1,
    page: Math.max(1, Math.floor((frame.current?.clientHeight ?? 0) / height) - 2),
    onGo: (at, how) => {
      onGo(at, how);
      virtual.scrollToIndex(at);
    },
  });
  const widths = { '--tracks': tracks, '--least-width': `${leastWidth}px` } as CSSProperties;
  return (
    <div
      ref={frame}
      className={classes.frame}
      style={widths}
      role="grid"
      aria-label={label}
      aria-multiselectable={props.isMultiselectable}
      aria-rowcount={total === undefined ? -1 : total + 1}
      aria-busy={isLoading}
      aria-activedescendant={rows.length > 0 ? `${id}-${active}` : undefined}
      data-stale={isLoading || undefined}
      tabIndex={0}
      onKeyDown={press}
    >
      {props.head}
      <div role="rowgroup" className={classes.body} style={{ height: virtual.getTotalSize() }}>
        {items.map(({ index, start }) => {
          const row = rows[index];
          return row && props.children({ row, index, id: `${id}-${index}`, start });
        })}
      </div>
    </div>
  );
}
