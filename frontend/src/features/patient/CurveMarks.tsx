import { type Column, type Curve, columnsOf } from '~/domain/timeline/curves';
import { type View, xOf } from '~/domain/timeline/scale';
import type { Track } from '~/domain/timeline/tracks';
import type { Handlers, Shown } from './Marks';
import classes from './Timeline.module.css';

export const CURVE_HEIGHT = 58;
const PADDING = 8;
/** So many points have a mark each. */
const MOST_POINTS = 120;

export interface Reference {
  readonly low: number | undefined;
  readonly high: number | undefined;
}

interface Props extends Handlers {
  readonly track: Track;
  readonly curve: Curve;
  readonly reference: Reference | undefined;
  readonly view: View;
  readonly width: number;
  readonly shown: Shown;
}

/** What was measured, over what is usual. */
export function CurveMarks(props: Props) {
  const { track, curve, reference, view, width, shown, onOpen, onHover } = props;
  const y = heightsOf(curve, reference);
  const columns = columnsOf(curve.points, (day) => xOf(day, view, width), width);
  const onMark = ({ x, last: { event } }: Column) => ({
    className: classes.mark,
    onClick: () => onOpen(track, [event], false),
    onPointerEnter: () => onHover([event], x, CURVE_HEIGHT),
    onPointerLeave: () => onHover(undefined, x, CURVE_HEIGHT),
  });
  const isSparse = columns.length <= MOST_POINTS;
  return (
    <>
      {reference !== undefined && <Range reference={reference} y={y} width={width} />}
      <polyline
        className={classes.curve}
        points={columns.map(({ x, last }) => `${x},${y(last.value)}`).join(' ')}
      />
      {columns.map(({ x, low, high, count }) =>
        count > 1 ? (
          <line key={x} className={classes.curve} x1={x} x2={x} y1={y(low)} y2={y(high)} />
        ) : null,
      )}
      {columns.map((column) => {
        const { event } = column.last;
        const isLooked = event.key === shown.at || event.key === shown.active;
        return isSparse || isLooked || isOutside(column, reference) ? (
          <g key={event.key} {...onMark(column)}>
            <circle cx={column.x} cy={y(column.last.value)} r={8} fill="transparent" />
            <Point column={column} y={y(column.last.value)} reference={reference} />
            {isLooked && (
              <circle className={classes.ring} cx={column.x} cy={y(column.last.value)} r={8} />
            )}
          </g>
        ) : null;
      })}
    </>
  );
}

interface PointProps {
  readonly column: Column;
  readonly y: number;
  readonly reference: Reference | undefined;
}

/** A point; what is not usual has another form, not another colour alone. */
function Point({ column, y, reference }: PointProps) {
  return isOutside(column, reference) ? (
    <rect
      className={classes.outside}
      x={column.x - 3.5}
      y={y - 3.5}
      width={7}
      height={7}
      transform={`rotate(45 ${column.x} ${y})`}
    />
  ) : (
    <circle className={classes.point} cx={column.x} cy={y} r={3} />
  );
}

interface RangeProps {
  readonly reference: Reference;
  readonly y: (value: number) => number;
  readonly width: number;
}

function Range({ reference: { low, high }, y, width }: RangeProps) {
  const top = high === undefined ? 0 : y(high);
  const bottom = low === undefined ? CURVE_HEIGHT : y(low);
  return (
    <rect
      className={classes.range}
      x={0}
      y={top}
      width={width}
      height={Math.max(1, bottom - top)}
    />
  );
}

function isOutside({ last }: Column, reference: Reference | undefined): boolean {
  const { low = Number.NEGATIVE_INFINITY, high = Number.POSITIVE_INFINITY } = reference ?? {};
  return last.value < low || last.value > high;
}

/** Returns where values lie: all that was measured and what is usual are to be seen. */
function heightsOf(curve: Curve, reference: Reference | undefined): (value: number) => number {
  const least = Math.min(curve.low, reference?.low ?? curve.low);
  const most = Math.max(curve.high, reference?.high ?? curve.high);
  const span = most - least || 1;
  const room = CURVE_HEIGHT - 2 * PADDING;
  return (value) => PADDING + (1 - (value - least) / span) * room;
}
