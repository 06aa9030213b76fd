import { useMemo, useState } from 'react';
import type {
  AskQuery,
  CohortAnswerQuery,
  CohortCountQuery,
  CohortEstimateQuery,
} from '~/api/generated/graphql';
import { type Live, useLive } from '~/api/useLive';
import { type AskSearch, dayOf, editedOf, filtersOf, switchedOf } from '~/domain/ask/askSearch';
import { CHARTS, criteriaOf } from '~/domain/ask/chartFilter';
import { asCriteria, type Criteria, narrowed } from '~/domain/ask/criteria';
import { DEFAULT_PARTITION } from '~/domain/placeSearch';
import { ANSWER, ASK, COUNT, ESTIMATE } from './queries';

/** So soon that counts follow, so late that nobody types against them. */
const COUNT_MS = 120;
/** Rows and charts are kept by the server: they come once somebody rests. */
const ANSWER_MS = 500;

export interface AskState {
  readonly reading: Live<AskQuery>;
  /** What is asked now, without what charts filter by; undefined: nothing yet. */
  readonly criteria: Criteria | undefined;
  readonly isEdited: boolean;
  /** About how many, which is told first. */
  readonly estimate: Live<CohortEstimateQuery>;
  readonly counts: Live<CohortCountQuery>;
  /** The answer to the criteria alone, whose bars stand behind. */
  readonly whole: Live<CohortAnswerQuery>;
  /** The answer to the criteria and what charts filter by. */
  readonly answer: Live<CohortAnswerQuery>;
}

/** Asks all that an address asks: how it is read, how many, who and what. */
export function useAnswer(search: AskSearch): AskState {
  const { q: question, partition = DEFAULT_PARTITION } = search;
  const now = dayOf(search) ?? null;
  const reading = useLive(
    ASK,
    question === undefined ? undefined : { question, partition, now, switched: switchedOf(search) },
    0,
  );
  const edited = useMemo(() => editedOf(search), [search]);
  const criteria = edited ?? (question ? asCriteria(reading.data?.ask.criteria) : undefined);
  const project = search.project ?? null;
  const asked = criteria && { criteria, partition, now, project };
  // A newer count of this page ends an older one.
  const [page] = useState(() => Math.random().toString(36).slice(2));
  const estimate = useLive(ESTIMATE, asked, COUNT_MS);
  const counts = useLive(COUNT, asked && { ...asked, page }, COUNT_MS);
  const charts = CHARTS.map(({ name }) => name);
  const whole = useLive(ANSWER, asked && { ...asked, charts }, ANSWER_MS);
  const more = criteria ? criteriaOf(filtersOf(search), criteria) : [];
  const filtered = useLive(
    ANSWER,
    criteria && more.length > 0
      ? { criteria: narrowed(criteria, more), partition, now, project, charts }
      : undefined,
    ANSWER_MS,
  );
  return {
    reading,
    criteria,
    isEdited: edited !== undefined,
    estimate,
    counts,
    whole,
    answer: more.length > 0 ? filtered : whole,
  };
}
