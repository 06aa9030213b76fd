import { Text } from '@mantine/core';
import type { CSSProperties } from 'react';
import type { Live } from '~/api/useLive';
import { readableNumber } from '~/domain/amount';
import type { Removal } from '~/domain/ask/attrition';
import { isPart } from '~/domain/ask/criteria';
import { readableCount } from '~/domain/ask/told';
import { Card } from '~/ui/Card';
import { Shown } from '~/ui/Shown';
import classes from './Ask.module.css';
import { ProtectedNote } from './ProtectedNote';
import type { Counts, Step } from './queries';
import { useTitleOf } from './savedNames';

interface Props {
  readonly counts: Live<{ readonly cohortCount: Counts }>;
  readonly estimate: Live<{ readonly cohortEstimate?: number | null | undefined }>;
  readonly removals: readonly Removal<Step>[];
  /** Whether windows are whole months: of who sees rows without names. */
  readonly isByMonth: boolean;
}

/** How many there are, and what each criterion leaves; what was counted before stays, greyed. */
export function CountsCard({ counts, estimate, removals, isByMonth }: Props) {
  const { isStale, fault } = counts;
  const about = estimate.isStale ? undefined : estimate.data?.cohortEstimate;
  return (
    <Card title="How many">
      {isStale && fault === undefined && typeof about === 'number' && (
        <Text size="sm" c="dimmed">
          About {readableNumber(about)}; counting.
        </Text>
      )}
      <Shown asked={fault ? { ...counts, data: undefined } : counts} label="Counting" rows={4}>
        {({
          cohortCount: { numberOfPatients, numberPossible, questionsToday, mostQuestionsADay },
        }) => (
          <div className={classes.counts} data-stale={isStale || undefined} aria-busy={isStale}>
            <Text component="p" m={0} role="status">
              <span className={classes.number}>{readableCount(numberOfPatients)}</span>{' '}
              {numberOfPatients.value === 1 ? 'patient' : 'patients'}
            </Text>
            {isByMonth && (
              <Text size="xs" mt={4}>
                <span
                  className={classes.chip}
                  title="You see no names, and dates are shifted: windows are taken as all of the months that they touch, and now as the first day of its month."
                >
                  dates count by whole months
                </span>
              </Text>
            )}
            {(numberPossible.value ?? 0) > 0 && (
              <Text size="xs" c="dimmed">
                {readableCount(numberPossible)} of them only if a date of which the day is not known
                lies in time.
              </Text>
            )}
            <ol className={classes.steps} aria-label="What each criterion leaves">
              {removals.map((removal) => (
                <StepRow
                  key={`${removal.step.path} ${String(removal.step.criterion)}`}
                  {...removal}
                />
              ))}
            </ol>
            {numberOfPatients.isProtected && (
              <ProtectedNote today={questionsToday} most={mostQuestionsADay} />
            )}
          </div>
        )}
      </Shown>
    </Card>
  );
}

function StepRow({ step, removed, share }: Removal<Step>) {
  const { criterion, numberOfPatients } = step;
  const titleOf = useTitleOf();
  return (
    <li className={classes.step}>
      <bdi className={classes.stepName}>{isPart(criterion) ? titleOf(criterion) : 'Everybody'}</bdi>
      <span className={classes.stepNumber}>
        {removed !== undefined && removed > 0 && (
          <span className={classes.minus}>−{readableNumber(removed)}</span>
        )}{' '}
        {readableCount(numberOfPatients)}
      </span>
      <span
        aria-hidden="true"
        className={classes.stepBar}
        style={{ '--share': share } as CSSProperties}
      />
    </li>
  );
}
