import { useMemo } from 'react';
import { useGraph } from '~/api/useGraph';
import { type Pages, usePages } from '~/api/usePages';
import { type PatientSearch, patientFilterOf } from '~/domain/patientSearch';
import { DEFAULT_PARTITION } from '~/domain/placeSearch';
import { COUNT, PAGE_SIZE, PATIENTS, type PatientRow } from './queries';

interface Patients {
  readonly pages: Pages<PatientRow>;
  /** How many there are altogether; undefined until that is counted. */
  readonly total: number | undefined;
  /** Changes when another list is asked for. */
  readonly question: string;
}

/** Returns the patients that a search asks for. */
export function usePatients(search: PatientSearch): Patients {
  const variables = useMemo(
    () => ({
      filter: patientFilterOf(search),
      partition: search.partition ?? DEFAULT_PARTITION,
    }),
    [search],
  );
  const asked = { ...variables, first: PAGE_SIZE };
  const pages = usePages(PATIENTS, asked, (data) => data.patients);
  const isPaused = pages.isLoading || pages.fault !== undefined;
  const total = useGraph(COUNT, { variables, pause: isPaused });
  return { pages, total: total.data?.patients.totalCount, question: JSON.stringify(asked) };
}
