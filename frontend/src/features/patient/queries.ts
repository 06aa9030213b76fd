import { graphql } from '~/api/generated';
import type { PatientOfPageQuery, StudyOfPatientQuery } from '~/api/generated/graphql';

/** A patient with all that happened: one question. */
export const PATIENT = graphql(`
  query PatientOfPage($id: String!, $partition: String!) {
    patient(fhirId: $id, partition: $partition) {
      id
      fhirId
      names {
        text
        use
      }
      identifiers {
        system
        value
        type
      }
      sex
      birthDate
      deceased
      deceasedAt
      sources
      timeline {
        columns
        rows
        numberOfEvents
        hasMore
      }
    }
  }
`);

export const EVENTS = graphql(`
  query EventsOfPatient($id: String!, $partition: String!, $ids: [String!]!) {
    patient(fhirId: $id, partition: $partition) {
      id
      events(ids: $ids) {
        fhirId
        resourceType
        ... on MedicationUse {
          dosage
        }
        ... on Observation {
          referenceLow {
            value
            unit
          }
          referenceHigh {
            value
            unit
          }
          interpretation {
            text
          }
        }
        ... on Report {
          text
        }
        ... on Order {
          reasons {
            text
          }
        }
      }
    }
  }
`);

export const STUDY = graphql(`
  query StudyOfPatient($uid: UI!, $partition: String!) {
    study(studyInstanceUid: $uid, partition: $partition) {
      id
      studyInstanceUid
      studyDescription
      studyDate
      accessionNumber
      series(first: 12) {
        totalCount
        edges {
          node {
            id
            seriesInstanceUid
            seriesDescription
            modality
            numberOfSeriesRelatedInstances
          }
        }
      }
      orders {
        fhirId
        code {
          text
        }
        reasons {
          text
        }
      }
      reports {
        how
        isSuggestion
        report {
          fhirId
          status
          start
          text
          code {
            text
          }
        }
      }
    }
  }
`);

export type PatientOfPage = NonNullable<PatientOfPageQuery['patient']>;
export type StudyOfPatient = NonNullable<StudyOfPatientQuery['study']>;
