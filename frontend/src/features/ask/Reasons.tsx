import { spanWords } from '~/domain/ask/spanWords';
import { joined } from '~/domain/plainText';
import classes from './Ask.module.css';
import type { Reason } from './queries';

interface Props {
  readonly reasons: readonly Reason[];
  /** What the criteria are about, by their places. */
  readonly titles: readonly string[];
}

/** Why somebody is in the answer: the events that matched, criterion by criterion. */
export function Reasons({ reasons, titles }: Props) {
  return (
    <ul className={classes.reasons}>
      {reasons.map(({ leaf, event, numberOfEvents }, at) => {
        const isFirst = reasons.findIndex((each) => each.leaf === leaf) === at;
        const told = reasons.filter((each) => each.leaf === leaf).length;
        const value = joined([event.value, event.unit], ' ');
        const date = spanWords(event.startFirst, event.startLast);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: reasons keep their places
          <li key={at} title={titles[leaf] ?? ''}>
            <bdi>{joined([event.label || event.category, value, date], ', ')}</bdi>
            {isFirst && numberOfEvents > told && (
              <span className={classes.dimmed}> and {numberOfEvents - told} more</span>
            )}
          </li>
        );
      })}
    </ul>
  );
}
