import { clustersOf } from '~/domain/timeline/clusters';
import type { TimelineEvent } from '~/domain/timeline/event';
import { type View, xOf } from '~/domain/timeline/scale';
import type { Bar, Track } from '~/domain/timeline/tracks';
import classes from './Timeline.module.css';

export const DOTS_HEIGHT = 30;
export const BAR_HEIGHT = 20;
const PADDING = 4;
/** The title has two lines. */
const LEAST_HEIGHT = 44;
const LETTER_PX = 6;
const SHORTEST_TEXT = 24;

export interface Handlers {
  readonly onOpen: (track: Track, events: readonly TimelineEvent[], isChoice: boolean) => void;
  readonly onHover: (event: readonly TimelineEvent[] | undefined, x: number, y: number) => void;
}

export interface Shown {
  /** The key of the event that is looked at. */
  readonly at: string | undefined;
  readonly active: string | undefined;
  readonly chosen: readonly string[];
}

interface Props extends Handlers {
  readonly track: Track;
  readonly view: View;
  readonly width: number;
  readonly shown: Shown;
}

export function heightOf({ dots, rows }: Track): number {
  const needed = 2 * PADDING + (dots.length > 0 ? DOTS_HEIGHT : 0) + rows * BAR_HEIGHT;
  return Math.max(LEAST_HEIGHT, needed);
}

/** What happened, as dots and bars: only what is seen is drawn. */
export function Marks({ track, view, width, shown, onOpen, onHover }: Props) {
  const x = (day: number) => xOf(day, view, width);
  const top = PADDING + (track.dots.length > 0 ? DOTS_HEIGHT : 0);
  const middle = PADDING + DOTS_HEIGHT / 2;
  const onMark = (events: readonly TimelineEvent[], at: number, y: number) => ({
    className: classes.mark,
    onClick: (event: { shiftKey: boolean; ctrlKey: boolean; metaKey: boolean }) =>
      onOpen(track, events, event.shiftKey || event.ctrlKey || event.metaKey),
    onPointerEnter: () => onHover(events, at, y),
    onPointerLeave: () => onHover(undefined, at, y),
  });
  return (
    <>
      {track.bars.map((bar) => {
        const from = x(bar.from);
        const to = Number.isFinite(bar.to) ? x(bar.to) : width + 20;
        if (to < 0 || from > width) {
          return null;
        }
        const y = top + bar.row * BAR_HEIGHT;
        return (
          <g key={bar.event.key} {...onMark([bar.event], Math.max(0, from), y + BAR_HEIGHT)}>
            <BarShape bar={bar} from={from} to={to} y={y} width={width} shown={shown} />
          </g>
        );
      })}
      {clustersOf(track.dots, x, width).map(({ x: at, events }) => {
        const [first] = events;
        return (
          first && (
            <g key={first.key} {...onMark(events, at, middle + 12)} data-count={events.length}>
              {events.length === 1 ? (
                <Dot event={first} at={at} y={middle} x={x} />
              ) : (
                <>
                  <circle className={classes.cluster} cx={at} cy={middle} r={9} />
                  <text className={classes.count} x={at} y={middle}>
                    {events.length > 99 ? '99+' : events.length}
                  </text>
                </>
              )}
              <Rings events={events} at={at} y={middle} shown={shown} />
            </g>
          )
        );
      })}
    </>
  );
}

interface DotProps {
  readonly event: TimelineEvent;
  readonly at: number;
  readonly y: number;
  readonly x: (day: number) => number;
}

/** A dot; of a day that is not known, a line over all that it can be. */
function Dot({ event, at, y, x }: DotProps) {
  const [first, last] = event.start ?? [0, 0];
  const isVague = last > first;
  return (
    <>
      {isVague && <line className={classes.span} x1={x(first)} x2={x(last + 1)} y1={y} y2={y} />}
      <circle className={isVague ? classes.vague : classes.dot} cx={at} cy={y} r={6} />
      {/* A finger needs more than the dot has. */}
      <circle cx={at} cy={y} r={9} fill="transparent" />
    </>
  );
}

interface RingsProps {
  readonly events: readonly TimelineEvent[];
  readonly at: number;
  readonly y: number;
  readonly shown: Shown;
}

function Rings({ events, at, y, shown }: RingsProps) {
  const isChosen = events.some(({ key }) => shown.chosen.includes(key));
  const isLooked = events.some(({ key }) => key === shown.at || key === shown.active);
  return (
    <>
      {isChosen && <circle className={classes.chosen} cx={at} cy={y} r={12} />}
      {isLooked && <circle className={classes.ring} cx={at} cy={y} r={10} />}
    </>
  );
}

interface BarProps {
  readonly bar: Bar;
  readonly from: number;
  readonly to: number;
  readonly y: number;
  readonly width: number;
  readonly shown: Shown;
}

/** A bar; what still runs has no end, what may have begun earlier a broken line. */
function BarShape({ bar, from, to, y, width, shown }: BarProps) {
  const left = Math.max(from, -4);
  const right = Math.min(to, width + 4);
  const seen = Math.max(3, right - left);
  const inside = Math.min(to, width) - Math.max(from, 0) - 8;
  const letters = Math.floor(inside / LETTER_PX);
  const { label, key } = bar.event;
  const isLooked = key === shown.at || key === shown.active;
  const height = BAR_HEIGHT - 4;
  return (
    <>
      <rect
        className={bar.isVague ? classes.barVague : classes.bar}
        x={left}
        y={y + 2}
        width={seen}
        height={height}
        rx={3}
      />
      {isLooked && (
        <rect className={classes.ring} x={left} y={y + 2} width={seen} height={height} rx={3} />
      )}
      {inside > SHORTEST_TEXT && (
        <text className={classes.barText} x={Math.max(from, 0) + 5} y={y + 2 + height / 2}>
          {label.length > letters ? `${label.slice(0, Math.max(1, letters - 1))}…` : label}
        </text>
      )}
    </>
  );
}
