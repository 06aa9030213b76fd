import { SegmentedControl, Text } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef, useState } from 'react';
import { readableBytes } from '~/domain/amount';
import { STATE_WORDS, type UploadFile } from '~/domain/upload';
import { Empty } from '~/ui/Empty';
import classes from './FileList.module.css';

const ROW_HEIGHT = 30;
const OVERSCAN = 20;
const ALL = 'All';
const PROBLEMS = 'With remarks';

/** What became of each file; rows are made where somebody looks. */
export function FileList({ files }: { readonly files: readonly UploadFile[] }) {
  const [which, choose] = useState(ALL);
  const shown = useMemo(
    () => (which === ALL ? files : files.filter(({ remark }) => remark !== '')),
    [files, which],
  );
  const frame = useRef<HTMLElement>(null);
  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: OVERSCAN,
  });
  return (
    <div>
      <SegmentedControl
        size="xs"
        mb="xs"
        data={[ALL, PROBLEMS]}
        value={which}
        onChange={choose}
        aria-label="Which files are listed"
      />
      {/* Who has no mouse scrolls it by the keys. */}
      <section ref={frame} className={classes.frame} tabIndex={0} aria-label="Files">
        {shown.length === 0 && <Empty title="No file has a remark" />}
        <div
          role="table"
          aria-label="Files"
          aria-rowcount={shown.length}
          className={classes.table}
          style={{ height: virtual.getTotalSize() }}
        >
          {virtual.getVirtualItems().map(({ index, start }) => {
            const file = shown[index];
            return file && <Row key={index} file={file} index={index} start={start} />;
          })}
        </div>
      </section>
    </div>
  );
}

interface RowProps {
  readonly file: UploadFile;
  readonly index: number;
  readonly start: number;
}

function Row({ file, index, start }: RowProps) {
  const { path, bytes, state, sent, remark } = file;
  const words =
    state === 'sending'
      ? `${STATE_WORDS.sending} ${Math.floor((100 * sent) / Math.max(1, bytes))} %`
      : STATE_WORDS[state];
  return (
    <div
      role="row"
      aria-rowindex={index + 1}
      className={classes.row}
      style={{ transform: `translateY(${start}px)` }}
    >
      <span role="cell" title={path}>
        <bdi>{path}</bdi>
      </span>
      <span role="cell" className={classes.bytes}>
        {readableBytes(bytes)}
      </span>
      <span role="cell">{words}</span>
      <Text role="cell" component="span" inherit c="dimmed" title={remark}>
        <bdi>{remark}</bdi>
      </Text>
    </div>
  );
}
