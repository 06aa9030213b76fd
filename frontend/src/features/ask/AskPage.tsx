import { Stack, Text } from '@mantine/core';
import { useMemo } from 'react';
import { dayOf, filtersOf, switchedOf, withFilter, withSwitched } from '~/domain/ask/askSearch';
import { removalsOf } from '~/domain/ask/attrition';
import { isExactlyNobody, readableCount } from '~/domain/ask/told';
import type { Fault } from '~/domain/fault';
import { DEFAULT_PARTITION, searchOfPlace } from '~/domain/placeSearch';
import { FaultView } from '~/ui/FaultView';
import { Loading } from '~/ui/Loading';
import { PageTitle } from '~/ui/PageTitle';
import classes from './Ask.module.css';
import { ChartsCard } from './ChartsCard';
import { CountsCard } from './CountsCard';
import { CriteriaCard } from './CriteriaCard';
import { NobodyMatches } from './NobodyMatches';
import { ProjectPicker } from './ProjectPicker';
import { QuestionBox } from './QuestionBox';
import { ReadingView } from './ReadingView';
import { Results } from './Results';
import { SavedCohorts } from './SavedCohorts';
import { SavedNames, useSavedNames } from './savedNames';
import { type AskState, useAnswer } from './useAnswer';
import { type AskPlace, useAskSearch } from './useAskSearch';

/** A question in English, how it was read, how many answer it, who and what. */
export function AskPage() {
  const place = useAskSearch();
  const { search, change } = place;
  const state = useAnswer(search);
  const { reading } = state;
  const question = search.q ?? '';
  const partition = search.partition ?? DEFAULT_PARTITION;
  const names = useSavedNames(state.criteria, partition);
  const ask = (q: string, now?: string) =>
    change({
      q,
      ...(now !== undefined && { now }),
      ...(q !== question && { switched: '', criteria: '', filter: '', tab: '' }),
    });
  return (
    <SavedNames value={names}>
      <PageTitle title="Ask" />
      <Stack>
        <QuestionBox
          question={question}
          now={dayOf(search) ?? ''}
          isBusy={question !== '' && reading.isStale && reading.fault === undefined}
          onAsk={ask}
        >
          <ProjectPicker
            partition={partition}
            project={search.project}
            onPick={(project) => change({ project, tab: '' })}
          />
          <SavedCohorts
            criteria={state.criteria}
            partition={partition}
            onChange={(criteria) => change({ criteria: JSON.stringify(criteria) })}
          />
        </QuestionBox>
        {reading.fault !== undefined && (
          <FaultView fault={reading.fault} onTryAgain={reading.reload} />
        )}
        {question !== '' && reading.fault === undefined && reading.data === undefined && (
          <Loading label="Loading how the question is read" rows={3} />
        )}
        {question !== '' && reading.data !== undefined && reading.fault === undefined && (
          <ReadingView
            question={question}
            reading={reading.data.ask}
            switched={switchedOf(search)}
            isEdited={state.isEdited}
            onAsk={(q) => ask(q)}
            onSwitch={(key) => change({ switched: withSwitched(search, key) })}
          />
        )}
        {reading.fault === undefined && <AnswerView place={place} state={state} />}
      </Stack>
    </SavedNames>
  );
}

function AnswerView({ place, state }: { readonly place: AskPlace; readonly state: AskState }) {
  const { search, change } = place;
  const { criteria, counts, whole, answer } = state;
  const steps = counts.data?.cohortCount.attrition;
  const removals = useMemo(() => removalsOf(steps ?? []), [steps]);
  if (criteria === undefined) {
    return null;
  }
  const fault: Fault | undefined = answer.fault ?? whole.fault;
  const filters = filtersOf(search);
  const shown = answer.data?.cohort;
  const isNobody = !whole.isStale && isExactlyNobody(whole.data?.cohort.numberOfPatients);
  const again = () => {
    whole.reload();
    answer.reload();
  };
  return (
    <>
      <div className={classes.asked}>
        <CriteriaCard
          criteria={criteria}
          isEdited={state.isEdited}
          hasQuestion={search.q !== undefined}
          removals={removals}
          isStale={counts.isStale}
          onChange={(edited) => change({ criteria: edited ? JSON.stringify(edited) : '' })}
        />
        <CountsCard
          counts={counts}
          estimate={state.estimate}
          removals={removals}
          isByMonth={whole.data?.cohort.sight === 'WITHOUT_NAMES'}
        />
      </div>
      {fault !== undefined && counts.fault === undefined && (
        <FaultView fault={fault} onTryAgain={again} />
      )}
      {fault === undefined && counts.fault === undefined && whole.data === undefined && (
        <Loading label="Loading the answer" rows={6} />
      )}
      {fault === undefined && isNobody && <NobodyMatches removals={removals} />}
      {fault === undefined && whole.data !== undefined && !isNobody && (
        <>
          <ChartsCard
            whole={whole.data.cohort}
            filtered={shown}
            isStale={whole.isStale || answer.isStale}
            filters={filters}
            onToggle={(filter) => change({ filter: withFilter(search, filter) })}
            onClear={() => change({ filter: '' })}
          />
          {filters.length > 0 && shown && (
            <Text size="sm" role="status">
              Filtered: {readableCount(shown.numberOfPatients)} of{' '}
              {readableCount(whole.data.cohort.numberOfPatients)} patients.
            </Text>
          )}
          {shown && (
            <Results
              answer={shown}
              criteria={criteria}
              isStale={answer.isStale}
              tab={search.tab}
              place={searchOfPlace(search.partition ?? DEFAULT_PARTITION)}
              onTab={(tab) => change({ tab })}
              onAskAnew={again}
            />
          )}
        </>
      )}
    </>
  );
}
