import { Button, CopyButton } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';
import { grouped, shownValue, type TagRow } from '~/domain/tagRows';
import classes from './TagTable.module.css';

const ROW_HEIGHT = 28;
const OVERSCAN = 20;

/** Tags as a table; rows are made where somebody looks. */
export function TagTable({ rows }: { readonly rows: readonly TagRow[] }) {
  const frame = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: OVERSCAN,
  });
  return (
    // Who has no mouse scrolls it by the keys.
    <section ref={frame} className={classes.frame} tabIndex={0} aria-label="Tags">
      <div
        role="table"
        aria-label="Tags"
        aria-rowcount={rows.length + 1}
        className={classes.table}
        style={{ height: virtual.getTotalSize() + ROW_HEIGHT }}
      >
        <div role="row" aria-rowindex={1} className={classes.head}>
          {['Tag', 'Name', 'VR', 'Value', ''].map((title) => (
            <div key={title} role="columnheader">
              {title}
            </div>
          ))}
        </div>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const row = rows[index];
          return row && <Row key={row.path} row={row} index={index} start={start} />;
        })}
      </div>
    </section>
  );
}

interface RowProps {
  readonly row: TagRow;
  readonly index: number;
  readonly start: number;
}

function Row({ row, index, start }: RowProps) {
  const shown = shownValue(row);
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      className={classes.row}
      style={{ transform: `translateY(${start}px)` }}
    >
      <div role="cell" className={classes.tag} style={{ paddingLeft: row.depth * 12 }}>
        {grouped(row.tag)}
      </div>
      <div role="cell" title={row.name}>
        {row.name}
      </div>
      <div role="cell">{row.vr}</div>
      <div role="cell" title={shown}>
        <bdi>{shown}</bdi>
      </div>
      <div role="cell">
        <CopyButton value={row.value}>
          {({ copied, copy }) => (
            <Button
              size="compact-xs"
              variant="subtle"
              onClick={copy}
              aria-label={`Copy the value of ${row.name || grouped(row.tag)}`}
            >
              {copied ? 'Copied' : 'Copy'}
            </Button>
          )}
        </CopyButton>
      </div>
    </div>
  );
}
