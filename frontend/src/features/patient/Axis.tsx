import { ticksOf, type View, xOf } from '~/domain/timeline/scale';
import classes from './Timeline.module.css';

const HEIGHT = 34;

export interface Moment {
  readonly day: number;
  readonly label: string;
  readonly isEnd: boolean;
}

interface Props {
  readonly view: View;
  readonly width: number;
  readonly moment: Moment;
}

/** The days, and today or the day of death among them. */
export function Axis({ view, width, moment }: Props) {
  const at = xOf(moment.day, view, width);
  const isSeen = at >= 0 && at <= width;
  return (
    <svg className={classes.drawing} width={width} height={HEIGHT} aria-hidden="true">
      {ticksOf(view, width).map(({ day, label, isMain }) => {
        const x = xOf(day, view, width);
        return (
          <g key={day}>
            <line className={classes.grid} x1={x} x2={x} y1={HEIGHT - 6} y2={HEIGHT} />
            <text className={isMain ? classes.tickMain : classes.tick} x={x + 4} y={HEIGHT - 6}>
              {label}
            </text>
          </g>
        );
      })}
      {isSeen && (
        <text
          className={classes.moment}
          x={at > width - 80 ? at - 4 : at + 4}
          y={12}
          textAnchor={at > width - 80 ? 'end' : 'start'}
        >
          {moment.label}
        </text>
      )}
    </svg>
  );
}

/** The lines of the days behind a track. */
export function GridLines(props: Props & { readonly height: number }) {
  const { view, width, height, moment } = props;
  const at = Math.max(0, xOf(moment.day, view, width));
  return (
    <>
      {moment.isEnd && at < width && (
        <rect className={classes.after} x={at} y={0} width={width - at} height={height} />
      )}
      {ticksOf(view, width).map(({ day, isMain }) => {
        const x = xOf(day, view, width);
        return (
          <line
            key={day}
            className={isMain ? classes.gridMain : classes.grid}
            x1={x}
            x2={x}
            y1={0}
            y2={height}
          />
        );
      })}
      {at > 0 && at < width && (
        <line
          className={moment.isEnd ? classes.death : classes.today}
          x1={at}
          x2={at}
          y1={0}
          y2={height}
        />
      )}
    </>
  );
}
