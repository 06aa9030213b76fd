import { seriesWords } from '~/domain/ask/seriesWords';
import classes from './Ask.module.css';
import type { EventRow } from './queries';

const SHOWN = 4;

interface Props {
  readonly series: EventRow['series'];
}

/** How the series of a study were made, in a line each. */
export function Series({ series }: Props) {
  if (series.length === 0) {
    return null;
  }
  return (
    <ul className={classes.reasons} aria-label="Series">
      {series.slice(0, SHOWN).map((one, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: series keep their places
        <li key={at} className={classes.dimmed}>
          <bdi>{seriesWords(one)}</bdi>
        </li>
      ))}
      {series.length > SHOWN && (
        <li className={classes.dimmed}>and {series.length - SHOWN} more series</li>
      )}
    </ul>
  );
}
