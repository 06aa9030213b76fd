import { Button, VisuallyHidden } from '@mantine/core';
import { useElementSize, useMergedRef } from '@mantine/hooks';
import { useMemo, useRef, useState } from 'react';
import { counted } from '~/domain/amount';
import { type TimelineEvent, titleOf } from '~/domain/timeline/event';
import { viewOf } from '~/domain/timeline/scale';
import { whenOf } from '~/domain/timeline/table';
import type { Track } from '~/domain/timeline/tracks';
import { Axis, GridLines, type Moment } from './Axis';
import { CURVE_HEIGHT, CurveMarks, type Reference } from './CurveMarks';
import { Hover } from './Hover';
import { heightOf, Marks, type Shown } from './Marks';
import classes from './Timeline.module.css';
import { useActive } from './useActive';
import { useGestures } from './useGestures';
import type { ViewState } from './useView';

/** As the style sheet has it. */
const GUTTER = 164;
const NARROW = 620;
/** Where nothing is laid out, as in tests, something is drawn still. */
const USUAL_WIDTH = 900;
/** What is left free at both ends of what somebody comes nearer to. */
const NEAR = 0.15;
const FEW_CURVES = 6;

interface Props extends ViewState {
  readonly tracks: readonly Track[];
  readonly references: ReadonlyMap<string, Reference>;
  readonly moment: Moment;
  readonly partition: string;
  readonly at: string | undefined;
  readonly chosen: readonly string[];
  readonly onOpen: (event: TimelineEvent) => void;
  readonly onChoose: (event: TimelineEvent) => void;
  readonly onLeave: () => void;
}

interface Pointed {
  readonly events: readonly TimelineEvent[];
  readonly x: number;
  readonly y: number;
}

/** The time line: a track for each kind of what happened, a curve for each lab. */
export function Timeline(props: Props) {
  const { view, show, partition, moment, references, at, chosen, onOpen, onChoose } = props;
  const [isMore, setMore] = useState(false);
  const number = props.tracks.filter(({ curve }) => curve !== undefined).length;
  const tracks = useMemo(
    () => (isMore ? props.tracks : withFewCurves(props.tracks)),
    [props.tracks, isMore],
  );
  const frame = useRef<HTMLDivElement>(null);
  const { ref, width: measured, height } = useElementSize<HTMLDivElement>();
  const merged = useMergedRef(ref, frame);
  const whole = measured || USUAL_WIDTH;
  const isNarrow = whole < NARROW;
  const gutter = isNarrow ? 0 : GUTTER;
  const width = whole - gutter;
  const wasDragged = useGestures({ ...props, frame, gutter, width });
  const { active, press, go } = useActive({ ...props, tracks });
  const [pointed, point] = useState<Pointed>();
  const shown: Shown = { at, active: active?.event.key, chosen };
  const open = (track: Track, events: readonly TimelineEvent[], isChoice: boolean) => {
    const [first] = events;
    const last = events.at(-1);
    if (wasDragged() || first?.start === undefined || last?.start === undefined) {
      return;
    }
    point(undefined);
    if (last.start[0] > first.start[0]) {
      show(viewOf(first.start[0], last.start[0], NEAR));
      return;
    }
    go(track, first);
    if (isChoice) {
      onChoose(first);
    } else {
      onOpen(first);
    }
  };
  const hover =
    (track: string) => (events: Pointed['events'] | undefined, x: number, y: number) => {
      const row = frame.current?.querySelector<HTMLElement>(`[data-track="${CSS.escape(track)}"]`);
      point(events && { events, x: x + gutter, y: y + (row?.offsetTop ?? 0) });
    };
  return (
    <>
      <div
        ref={merged}
        className={classes.frame}
        data-narrow={isNarrow || undefined}
        role="application"
        aria-label="Time line"
        aria-describedby="timeline-keys"
        tabIndex={0}
        onKeyDown={press}
      >
        <div className={classes.axis}>
          <div className={classes.gutter} />
          <Axis view={view} width={width} moment={moment} />
        </div>
        {tracks.map((track) => {
          const { key, lane, curve } = track;
          const tall = curve ? CURVE_HEIGHT : heightOf(track);
          const drawn = { track, view, width, shown, onOpen: open, onHover: hover(key) };
          return (
            <div key={key} className={classes.track} data-lane={lane} data-track={key}>
              <Title track={track} reference={references.get(key)} />
              <svg className={classes.drawing} width={width} height={tall} aria-hidden="true">
                <GridLines view={view} width={width} height={tall} moment={moment} />
                {curve ? (
                  <CurveMarks {...drawn} curve={curve} reference={references.get(key)} />
                ) : (
                  <Marks {...drawn} />
                )}
              </svg>
            </div>
          );
        })}
        {pointed && <Hover {...pointed} partition={partition} width={whole} height={height} />}
        <VisuallyHidden role="status" aria-live="polite">
          {active && wordsOf(active.track, active.event, active.at)}
        </VisuallyHidden>
      </div>
      {number > FEW_CURVES && (
        <Button size="xs" variant="subtle" mt="xs" onClick={() => setMore(!isMore)}>
          {isMore ? 'Show fewer curves' : `Show all ${counted(number, 'curve')}`}
        </Button>
      )}
    </>
  );
}

function withFewCurves(tracks: readonly Track[]): readonly Track[] {
  const few = new Set(tracks.filter(({ curve }) => curve).slice(0, FEW_CURVES));
  return tracks.filter((track) => track.curve === undefined || few.has(track));
}

function wordsOf(track: Track, event: TimelineEvent, at: number): string {
  return `${titleOf(event)}, ${whenOf(event)}. ${track.title}, ${at + 1} of ${track.events.length}.`;
}

interface TitleProps {
  readonly track: Track;
  readonly reference: Reference | undefined;
}

function Title({ track: { title, events, curve }, reference }: TitleProps) {
  const last = curve?.points.at(-1)?.event;
  const sub = last
    ? [last.value, last.unit, rangeOf(reference)].filter(Boolean).join(' ')
    : String(events.length);
  return (
    <div className={classes.gutter} aria-hidden="true">
      <div className={classes.title} title={title}>
        <bdi>{title}</bdi>
      </div>
      <div className={classes.sub} title={sub}>
        {sub}
      </div>
    </div>
  );
}

function rangeOf(reference: Reference | undefined): string {
  if (reference === undefined) {
    return '';
  }
  const { low, high } = reference;
  if (low === undefined) {
    return `(≤ ${high})`;
  }
  return high === undefined ? `(≥ ${low})` : `(${low}–${high})`;
}
