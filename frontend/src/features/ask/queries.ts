import { graphql } from '~/api/generated';
import type {
  AskQuery,
  CohortAnswerQuery,
  CohortCountQuery,
  CourseOfCohortQuery,
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
      absent {
        text
        type
        fewerThan
      }
      suggestions {
        phrase
        start
        end
        name
        domain
        system
        code
      }
    }
  }
`);

export const COUNT = graphql(`
  query CohortCount(
    $criteria: Criteria!
    $partition: String!
    $now: Date
    $project: String
    $page: String!
  ) {
    cohortCount(
      criteria: $criteria
      partition: $partition
      now: $now
      project: $project
      page: $page
    ) {
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
  query CohortEstimate(
    $criteria: Criteria!
    $partition: String!
    $now: Date
    $project: String
  ) {
    cohortEstimate(criteria: $criteria, partition: $partition, now: $now, project: $project)
  }
`);

/** The answer with all charts: one question. */
export const ANSWER = graphql(`
  query CohortAnswer(
    $criteria: Criteria!
    $partition: String!
    $now: Date
    $project: String
    $charts: [CohortChartName!]!
  ) {
    cohort(criteria: $criteria, partition: $partition, now: $now, project: $project) {
      id
      runId
      day
      sight
      projectName
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
    cursor
    pseudonym
    age
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
    pseudonym
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
    series {
      modality
      bodyPart
      modelName
      numberOfInstances
      sliceThicknessMm
      kvp
      magneticFieldStrengthT
    }
    patient {
      id
      names {
        text
        use
      }
    }
  }
`);

export const PROJECTS = graphql(`
  query ProjectsToAskWithin($partition: String!) {
    projects(partition: $partition, first: 200) {
      edges {
        node {
          id
          name
        }
      }
    }
  }
`);

/** What happened to a patient, in days from what has matched. */
export const COURSE = graphql(`
  query CourseOfCohort($run: UUID!, $cursor: String!) {
    cohortRun(id: $run) {
      id
      course(cursor: $cursor) {
        leaf
        hasMore
        events {
          startFirst
          startLast
          endLast
          isRunning
          event {
            kind
            label
            category
            value
            unit
          }
        }
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
export type Moment = NonNullable<CourseOfCohortQuery['cohortRun']>['course']['events'][number];
