import { graphql } from '~/api/generated';
import type {
  AskQuery,
  CohortAnswerQuery,
  CohortCountQuery,
  PatientOfCohortFragment,
  ReasonOfCohortFragment,
  RowOfCohortFragment,
  RowsOfCohortQuery,
} from '~/api/generated/graphql';

export const ASK = graphql(`
  query Ask($question: String!, $partition: String!, $now: Date, $switched: [String!]) {
    ask(question: $question, partition: $partition, now: $now, switched: $switched) {
      criteria
      readback
      ask {
        slot
        options
        start
        end
      }
      assumptions {
        key
        text
        other
      }
      unused {
        text
        start
        end
      }
      concepts {
        text
        start
        end
        type
      }
    }
  }
`);

export const COUNT = graphql(`
  query CohortCount($criteria: Criteria!, $partition: String!, $now: Date, $page: String!) {
    cohortCount(criteria: $criteria, partition: $partition, now: $now, page: $page) {
      numberOfPatients {
        value
        text
        isProtected
      }
      numberPossible {
        value
        text
        isProtected
      }
      questionsToday
      mostQuestionsADay
      attrition {
        path
        criterion
        numberOfPatients {
          value
          text
          isProtected
        }
      }
    }
  }
`);

/** About how many: told before they are counted. */
export const ESTIMATE = graphql(`
  query CohortEstimate($criteria: Criteria!, $partition: String!, $now: Date) {
    cohortEstimate(criteria: $criteria, partition: $partition, now: $now)
  }
`);

/** The answer with all charts: one question. */
export const ANSWER = graphql(`
  query CohortAnswer(
    $criteria: Criteria!
    $partition: String!
    $now: Date
    $charts: [CohortChartName!]!
  ) {
    cohort(criteria: $criteria, partition: $partition, now: $now) {
      id
      runId
      day
      seesPatients
      numberOfPatients {
        value
        text
        isProtected
      }
      outputs {
        place
        what
      }
      charts(names: $charts) {
        name
        bars {
          value
          label
          numberOfPatients {
            value
            text
            isProtected
          }
          ofAll {
            value
            text
            isProtected
          }
        }
      }
    }
  }
`);

graphql(`
  fragment EventOfCohort on CohortEvent {
    kind
    label
    category
    value
    unit
    status
    startFirst
    startLast
    studies
  }
`);

graphql(`
  fragment ReasonOfCohort on CohortReason {
    leaf
    numberOfEvents
    event {
      ...EventOfCohort
    }
  }
`);

graphql(`
  fragment PatientOfCohort on CohortPatient {
    identifiers {
      system
      value
    }
    reasons {
      ...ReasonOfCohort
    }
    fhirIds
    sex
    birthFirst
    birthLast
    deceased
    patient {
      id
      names {
        text
        use
      }
    }
  }
`);

graphql(`
  fragment RowOfCohort on CohortRow {
    event {
      ...EventOfCohort
    }
    identifiers {
      system
      value
    }
    reasons {
      ...ReasonOfCohort
    }
    patientIds
    patient {
      id
      names {
        text
        use
      }
    }
  }
`);

export const TOTALS = graphql(`
  query TotalsOfCohort($run: UUID!) {
    cohortRun(id: $run) {
      id
      hasChanged
      outputs {
        place
        rows(first: 0) {
          totalCount
        }
      }
    }
  }
`);

export const PATIENTS = graphql(`
  query PatientsOfCohort($run: UUID!, $first: Int!, $after: String) {
    cohortRun(id: $run) {
      id
      patients(first: $first, after: $after) {
        pageInfo {
          hasNextPage
          endCursor
        }
        edges {
          node {
            ...PatientOfCohort
          }
        }
      }
    }
  }
`);

/** A page of some outputs. */
export const ROWS = graphql(`
  query RowsOfCohort($run: UUID!, $places: [Int!]!, $first: Int!, $after: String) {
    cohortRun(id: $run) {
      id
      outputs(places: $places) {
        place
        rows(first: $first, after: $after) {
          pageInfo {
            hasNextPage
            endCursor
          }
          edges {
            node {
              ...RowOfCohort
            }
          }
        }
      }
    }
  }
`);

export type Reading = AskQuery['ask'];
export type Counts = CohortCountQuery['cohortCount'];
export type Step = Counts['attrition'][number];
export type Answer = CohortAnswerQuery['cohort'];
export type ChartOfAnswer = Answer['charts'][number];
export type Rows = NonNullable<RowsOfCohortQuery['cohortRun']>['outputs'][number]['rows'];
export type PatientRow = PatientOfCohortFragment;
export type EventRow = RowOfCohortFragment;
export type Reason = ReasonOfCohortFragment;
