import { graphql } from '~/api/generated';
import type { FoundStudyFragment } from '~/api/generated/graphql';
import { useGraph } from '~/api/useGraph';
import { eachOnce, meantBy } from '~/domain/finding';
import { useMe } from './me';

graphql(`
  fragment FoundStudy on Study {
    id
    studyInstanceUid
    studyDate
    studyDescription
    modalitiesInStudy
    accessionNumber
    patientId
    patientName {
      alphabetic
      ideographic
    }
    partition {
      name
    }
  }
`);

const FIND = graphql(`
  query Find(
    $uids: [UI!]
    $isUid: Boolean!
    $mayIdentify: Boolean!
    $byName: StudyFilter
    $byId: StudyFilter
    $byAccession: StudyFilter
  ) {
    ofUid: studies(filter: { studyInstanceUid: $uids }, first: 5) @include(if: $isUid) {
      edges {
        node {
          ...FoundStudy
        }
      }
    }
    ofId: studies(filter: $byId, first: 5) @include(if: $mayIdentify) {
      edges {
        node {
          ...FoundStudy
        }
      }
    }
    ofAccession: studies(filter: $byAccession, first: 5) @include(if: $mayIdentify) {
      edges {
        node {
          ...FoundStudy
        }
      }
    }
    ofName: studies(filter: $byName, first: 5) @include(if: $mayIdentify) {
      edges {
        node {
          ...FoundStudy
        }
      }
    }
  }
`);

const PROJECTS = graphql(`
  query FindProjects {
    projects(first: 200) {
      edges {
        node {
          id
          name
          partition {
            name
          }
        }
      }
    }
  }
`);

export interface FoundProject {
  readonly id: string;
  readonly name: string;
  readonly partition: { readonly name: string };
}

export interface Found {
  readonly studies: readonly FoundStudyFragment[];
  readonly projects: readonly FoundProject[];
  readonly isLooking: boolean;
}

/** Returns what a text finds: studies by UID, patient, accession number; projects. */
export function useFound(text: string, isOpen: boolean): Found {
  const { may } = useMe();
  const meant = meantBy(text);
  const mayIdentify = may('view_phi');
  const mayRead = may('read_data');
  const asked = useGraph(FIND, {
    variables: {
      uids: meant?.uid === undefined ? null : [meant.uid],
      isUid: meant?.uid !== undefined,
      mayIdentify,
      byName: meant?.byName ?? null,
      byId: meant?.byId ?? null,
      byAccession: meant?.byAccession ?? null,
    },
    pause: !isOpen || !mayRead || meant === undefined || !(mayIdentify || meant.uid),
  });
  const all = useGraph(PROJECTS, { variables: {}, pause: !isOpen });
  const { ofUid, ofId, ofAccession, ofName } = (meant && asked.data) ?? {};
  const lists = [ofUid, ofId, ofAccession, ofName];
  const words = text.trim().toLowerCase();
  const projects = all.data?.projects.edges.map(({ node }) => node) ?? [];
  return {
    studies: eachOnce(lists.flatMap((list) => list?.edges.map(({ node }) => node) ?? [])),
    projects: words ? projects.filter(({ name }) => name.toLowerCase().includes(words)) : [],
    isLooking: asked.isLoading,
  };
}
