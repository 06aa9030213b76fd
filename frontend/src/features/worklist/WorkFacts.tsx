import type { ReactNode } from 'react';
import { readableDate } from '~/domain/dicomDate';
import { joined } from '~/domain/plainText';
import { PRIORITY_WORDS, performersOf } from '~/domain/workitemWords';
import { Moment } from '~/ui/Moment';
import type { WorkDetail } from './queries';
import classes from './Worklist.module.css';

interface Coded {
  readonly value: string;
  readonly meaning: string;
}

const READINESS = {
  INCOMPLETE: 'More will come',
  READY: 'All is there',
  UNAVAILABLE: 'Nothing yet',
} as const;

/** What a workitem is, as a list of facts; those that nobody said are left out. */
export function WorkFacts({ work }: { readonly work: WorkDetail }) {
  const { expectedCompletion, isOverdue, endedAt } = work;
  return (
    <dl className={classes.facts}>
      <Fact name="Priority">{PRIORITY_WORDS[work.priority]}</Fact>
      <Fact name="Who">{work.isMine ? 'You' : performersOf(work)}</Fact>
      <Fact name="Worklist">{work.worklistLabel}</Fact>
      <Fact name="Start">{<Moment at={work.start} />}</Fact>
      <Fact name="Due">
        {expectedCompletion && (
          <span className={isOverdue ? classes.late : undefined}>
            <Moment at={expectedCompletion} />
            {isOverdue && ', overdue'}
          </span>
        )}
      </Fact>
      <Fact name="Ended">{endedAt && <Moment at={endedAt} />}</Fact>
      <Fact name="Progress">{work.progressDescription}</Fact>
      <Fact name="Canceled because">{work.reasonForCancellation}</Fact>
      <Fact name="Images">{READINESS[work.inputReadiness]}</Fact>
      <Fact name="What">{wordsOf(work.scheduledWorkitemCodes)}</Fact>
      <Fact name="Where">{wordsOf(work.scheduledStations)}</Fact>
      <Fact name="Orders">{work.accessionNumbers.join(', ')}</Fact>
      <Fact name="Born">{readableDate(work.patientBirthDate)}</Fact>
      <Fact name="Sex">{work.patientSex}</Fact>
      <Fact name="ID given by">{work.issuerOfPatientId}</Fact>
      <Fact name="Made by rule">{work.madeByRule}</Fact>
      <Fact name="Comments">{work.comments}</Fact>
    </dl>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return children ? (
    <>
      <dt>{name}</dt>
      <dd>
        <bdi>{children}</bdi>
      </dd>
    </>
  ) : null;
}

function wordsOf(codes: readonly Coded[]): string {
  return joined(
    codes.map(({ meaning, value }) => meaning || value),
    ', ',
  );
}
