/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
/** Codes, in capitals; '*' stands for any characters, '?' for one. */
export type CodeMatch = {
  /** Each of these is among the values, where there can be several. */
  readonly allOf?: ReadonlyArray<string>;
  /** One of the values is one of these. */
  readonly anyOf?: ReadonlyArray<string>;
  /** There is no value; with anyOf: or there is none. */
  readonly empty?: boolean;
};

/** Dates: some, or from one until another. */
export type DateMatch = {
  /** The date is one of these. */
  readonly anyOf?: ReadonlyArray<string>;
  /** There is no date; with others: or there is none. */
  readonly empty?: boolean;
  /** The first date. */
  readonly from?: string | null | undefined;
  /** The last date. */
  readonly until?: string | null | undefined;
};

/** A person's name, without regard to case and accents, in any component group; '*' stands for any characters, '?' for one. */
export type NameMatch = {
  /** The name is one of these, components separated by '^'. */
  readonly anyOf?: ReadonlyArray<string>;
  /** There is no name; with anyOf: or there is none. */
  readonly empty?: boolean;
  /** Words of the name begin with those given, in their order. */
  readonly fuzzy?: boolean;
};

/** How far an operation has come. */
export type OperationState =
  /** Somebody has ended it. */
  | 'CANCELED'
  /** It has ended before it was done. */
  | 'FAILED'
  /** A worker will take it up. */
  | 'NOT_STARTED'
  /** A worker does it. */
  | 'RUNNING'
  /** It is done; single items may have failed. */
  | 'SUCCEEDED';

/** What a study has to be like; all that is given counts. */
export type StudyFilter = {
  /** The number of its order. */
  readonly accessionNumber?: TextMatch | null | undefined;
  /** Who has given the patient this ID. */
  readonly issuerOfPatientId?: TextMatch | null | undefined;
  /** The modalities of its series. */
  readonly modalitiesInStudy?: CodeMatch | null | undefined;
  /** When its patient was born. */
  readonly patientBirthDate?: DateMatch | null | undefined;
  /** What the issuer calls its patient. */
  readonly patientId?: TextMatch | null | undefined;
  /** The name of its patient. */
  readonly patientName?: NameMatch | null | undefined;
  /** F, M or O. */
  readonly patientSex?: CodeMatch | null | undefined;
  /** Who asked for it. */
  readonly referringPhysicianName?: NameMatch | null | undefined;
  /** One of its instances is of one of these classes. */
  readonly sopClassesInStudy?: ReadonlyArray<string> | null | undefined;
  /** When it began. */
  readonly studyDate?: DateMatch | null | undefined;
  /** What was done. */
  readonly studyDescription?: TextMatch | null | undefined;
  /** What its equipment calls it. */
  readonly studyId?: TextMatch | null | undefined;
  /** It is one of these. */
  readonly studyInstanceUid?: ReadonlyArray<string> | null | undefined;
  /** At what time it began. */
  readonly studyTime?: TimeMatch | null | undefined;
  /** The time zone that dates and times are meant in, such as +0100. */
  readonly timezoneOffsetFromUtc?: string | null | undefined;
};

/** Text, without regard to case; '*' stands for any characters, '?' for one. */
export type TextMatch = {
  /** The value is one of these. */
  readonly anyOf?: ReadonlyArray<string>;
  /** There is no value; with anyOf: or there is none. */
  readonly empty?: boolean;
};

/** Times of day. With dates from and until, and times from and until, they are the ends of one range. */
export type TimeMatch = {
  /** The time lies in one of these hours, minutes or seconds. */
  readonly anyOf?: ReadonlyArray<string>;
  /** There is no time; with others: or there is none. */
  readonly empty?: boolean;
  /** The first time. */
  readonly from?: string | null | undefined;
  /** The last time. */
  readonly until?: string | null | undefined;
};

export type HeldInstancesQueryVariables = Exact<{
  uids: ReadonlyArray<string> | string;
  partition: string;
  first: number;
}>;


export type HeldInstancesQuery = { readonly instances: { readonly edges: ReadonlyArray<{ readonly node: { readonly studyInstanceUid: string, readonly seriesInstanceUid: string, readonly sopInstanceUid: string } }> } };

export type MeQueryVariables = Exact<{ [key: string]: never; }>;


export type MeQuery = { readonly me: { readonly name: string, readonly roles: ReadonlyArray<string>, readonly permissions: ReadonlyArray<{ readonly verb: string, readonly everywhere: boolean, readonly partitions: ReadonlyArray<string>, readonly numberOfScopes: number }> } };

export type HomeProjectsQueryVariables = Exact<{ [key: string]: never; }>;


export type HomeProjectsQuery = { readonly projects: { readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly name: string, readonly description: string, readonly partition: { readonly name: string } } }> } };

export type HomeStudiesQueryVariables = Exact<{ [key: string]: never; }>;


export type HomeStudiesQuery = { readonly studies: { readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly studyInstanceUid: string, readonly studyDate: string | null, readonly studyDescription: string | null, readonly modalitiesInStudy: ReadonlyArray<string>, readonly patientId: string | null, readonly patientName: { readonly alphabetic: string | null, readonly ideographic: string | null } | null, readonly partition: { readonly name: string } } }> } };

export type HomeOperationsQueryVariables = Exact<{ [key: string]: never; }>;


export type HomeOperationsQuery = { readonly operations: { readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly kind: string, readonly state: OperationState, readonly percent: number } }> } };

export type OperationsPageQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
}>;


export type OperationsPageQuery = { readonly operations: { readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly operationId: string, readonly kind: string, readonly state: OperationState, readonly percent: number, readonly startedBy: string, readonly createdAt: string, readonly updatedAt: string, readonly error: string | null, readonly numberOfErrors: number } }> } };

export type FollowedOperationSubscriptionVariables = Exact<{
  operationId: string;
}>;


export type FollowedOperationSubscription = { readonly operation: { readonly id: string, readonly kind: string, readonly state: OperationState, readonly percent: number, readonly error: string | null, readonly numberOfErrors: number } };

export type QuickLookSeriesQueryVariables = Exact<{
  uid: string;
  partition: string;
}>;


export type QuickLookSeriesQuery = { readonly study: { readonly id: string, readonly series: { readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly seriesInstanceUid: string, readonly seriesNumber: number | null, readonly modality: string | null, readonly seriesDescription: string | null, readonly numberOfSeriesRelatedInstances: number | null } }> } } | null };

export type StudiesPageQueryVariables = Exact<{
  filter?: StudyFilter | null | undefined;
  partition?: string | null | undefined;
  sort?: ReadonlyArray<string> | string | null | undefined;
  first: number;
  after?: string | null | undefined;
}>;


export type StudiesPageQuery = { readonly studies: { readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly studyInstanceUid: string, readonly studyDate: string | null, readonly studyTime: string | null, readonly studyDescription: string | null, readonly accessionNumber: string | null, readonly modalitiesInStudy: ReadonlyArray<string>, readonly patientId: string | null, readonly patientBirthDate: string | null, readonly patientSex: string | null, readonly numberOfStudyRelatedSeries: number | null, readonly numberOfStudyRelatedInstances: number | null, readonly patientName: { readonly alphabetic: string | null, readonly ideographic: string | null } | null, readonly partition: { readonly name: string } } }> } };

export type StudiesCountQueryVariables = Exact<{
  filter?: StudyFilter | null | undefined;
  partition?: string | null | undefined;
}>;


export type StudiesCountQuery = { readonly studies: { readonly totalCount: number } };

export type StudyOfPageQueryVariables = Exact<{
  uid: string;
  partition: string;
}>;


export type StudyOfPageQuery = { readonly study: { readonly id: string, readonly studyInstanceUid: string, readonly studyDate: string | null, readonly studyTime: string | null, readonly studyDescription: string | null, readonly studyId: string | null, readonly accessionNumber: string | null, readonly modalitiesInStudy: ReadonlyArray<string>, readonly patientId: string | null, readonly issuerOfPatientId: string | null, readonly patientBirthDate: string | null, readonly patientSex: string | null, readonly numberOfStudyRelatedSeries: number | null, readonly numberOfStudyRelatedInstances: number | null, readonly referringPhysicianName: { readonly alphabetic: string | null, readonly ideographic: string | null } | null, readonly patientName: { readonly alphabetic: string | null, readonly ideographic: string | null } | null, readonly partition: { readonly name: string }, readonly series: { readonly pageInfo: { readonly hasNextPage: boolean }, readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly seriesInstanceUid: string, readonly seriesNumber: number | null, readonly modality: string | null, readonly seriesDescription: string | null, readonly bodyPartExamined: string | null, readonly numberOfSeriesRelatedInstances: number | null } }> } } | null };

export type InstancesOfSeriesQueryVariables = Exact<{
  uid: string;
  partition: string;
  after?: string | null | undefined;
}>;


export type InstancesOfSeriesQuery = { readonly series: { readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly instances: { readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly sopInstanceUid: string, readonly instanceNumber: number | null } }> } } }> } };

export type UploadPartitionsQueryVariables = Exact<{ [key: string]: never; }>;


export type UploadPartitionsQuery = { readonly partitions: { readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly name: string, readonly disabledAt: string | null } }> } };


export const HeldInstancesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"HeldInstances"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"uids"}},"type":{"kind":"NonNullType","type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"UI"}}}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"partition"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"instances"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"filter"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"sopInstanceUid"},"value":{"kind":"Variable","name":{"kind":"Name","value":"uids"}}}]}},{"kind":"Argument","name":{"kind":"Name","value":"partition"},"value":{"kind":"Variable","name":{"kind":"Name","value":"partition"}}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"studyInstanceUid"}},{"kind":"Field","name":{"kind":"Name","value":"seriesInstanceUid"}},{"kind":"Field","name":{"kind":"Name","value":"sopInstanceUid"}}]}}]}}]}}]}}]} as unknown as DocumentNode<HeldInstancesQuery, HeldInstancesQueryVariables>;
export const MeDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Me"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"me"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"roles"}},{"kind":"Field","name":{"kind":"Name","value":"permissions"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"verb"}},{"kind":"Field","name":{"kind":"Name","value":"everywhere"}},{"kind":"Field","name":{"kind":"Name","value":"partitions"}},{"kind":"Field","name":{"kind":"Name","value":"numberOfScopes"}}]}}]}}]}}]} as unknown as DocumentNode<MeQuery, MeQueryVariables>;
export const HomeProjectsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"HomeProjects"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"projects"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"50"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"description"}},{"kind":"Field","name":{"kind":"Name","value":"partition"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]}}]}}]}}]} as unknown as DocumentNode<HomeProjectsQuery, HomeProjectsQueryVariables>;
export const HomeStudiesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"HomeStudies"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"studies"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"8"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"studyInstanceUid"}},{"kind":"Field","name":{"kind":"Name","value":"studyDate"}},{"kind":"Field","name":{"kind":"Name","value":"studyDescription"}},{"kind":"Field","name":{"kind":"Name","value":"modalitiesInStudy"}},{"kind":"Field","name":{"kind":"Name","value":"patientName"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"alphabetic"}},{"kind":"Field","name":{"kind":"Name","value":"ideographic"}}]}},{"kind":"Field","name":{"kind":"Name","value":"patientId"}},{"kind":"Field","name":{"kind":"Name","value":"partition"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]}}]}}]}}]} as unknown as DocumentNode<HomeStudiesQuery, HomeStudiesQueryVariables>;
export const HomeOperationsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"HomeOperations"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"operations"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"20"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"percent"}}]}}]}}]}}]}}]} as unknown as DocumentNode<HomeOperationsQuery, HomeOperationsQueryVariables>;
export const OperationsPageDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"OperationsPage"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"operations"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}},{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"operationId"}},{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"percent"}},{"kind":"Field","name":{"kind":"Name","value":"startedBy"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"updatedAt"}},{"kind":"Field","name":{"kind":"Name","value":"error"}},{"kind":"Field","name":{"kind":"Name","value":"numberOfErrors"}}]}}]}}]}}]}}]} as unknown as DocumentNode<OperationsPageQuery, OperationsPageQueryVariables>;
export const FollowedOperationDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"FollowedOperation"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"operationId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"UUID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"operation"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"operationId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"operationId"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"percent"}},{"kind":"Field","name":{"kind":"Name","value":"error"}},{"kind":"Field","name":{"kind":"Name","value":"numberOfErrors"}}]}}]}}]} as unknown as DocumentNode<FollowedOperationSubscription, FollowedOperationSubscriptionVariables>;
export const QuickLookSeriesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"QuickLookSeries"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"uid"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"UI"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"partition"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"study"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"studyInstanceUid"},"value":{"kind":"Variable","name":{"kind":"Name","value":"uid"}}},{"kind":"Argument","name":{"kind":"Name","value":"partition"},"value":{"kind":"Variable","name":{"kind":"Name","value":"partition"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"series"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"100"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"seriesInstanceUid"}},{"kind":"Field","name":{"kind":"Name","value":"seriesNumber"}},{"kind":"Field","name":{"kind":"Name","value":"modality"}},{"kind":"Field","name":{"kind":"Name","value":"seriesDescription"}},{"kind":"Field","name":{"kind":"Name","value":"numberOfSeriesRelatedInstances"}}]}}]}}]}}]}}]}}]} as unknown as DocumentNode<QuickLookSeriesQuery, QuickLookSeriesQueryVariables>;
export const StudiesPageDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"StudiesPage"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"filter"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"StudyFilter"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"partition"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"sort"}},"type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"studies"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"filter"},"value":{"kind":"Variable","name":{"kind":"Name","value":"filter"}}},{"kind":"Argument","name":{"kind":"Name","value":"partition"},"value":{"kind":"Variable","name":{"kind":"Name","value":"partition"}}},{"kind":"Argument","name":{"kind":"Name","value":"sort"},"value":{"kind":"Variable","name":{"kind":"Name","value":"sort"}}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}},{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"studyInstanceUid"}},{"kind":"Field","name":{"kind":"Name","value":"studyDate"}},{"kind":"Field","name":{"kind":"Name","value":"studyTime"}},{"kind":"Field","name":{"kind":"Name","value":"studyDescription"}},{"kind":"Field","name":{"kind":"Name","value":"accessionNumber"}},{"kind":"Field","name":{"kind":"Name","value":"modalitiesInStudy"}},{"kind":"Field","name":{"kind":"Name","value":"patientId"}},{"kind":"Field","name":{"kind":"Name","value":"patientName"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"alphabetic"}},{"kind":"Field","name":{"kind":"Name","value":"ideographic"}}]}},{"kind":"Field","name":{"kind":"Name","value":"patientBirthDate"}},{"kind":"Field","name":{"kind":"Name","value":"patientSex"}},{"kind":"Field","name":{"kind":"Name","value":"numberOfStudyRelatedSeries"}},{"kind":"Field","name":{"kind":"Name","value":"numberOfStudyRelatedInstances"}},{"kind":"Field","name":{"kind":"Name","value":"partition"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]}}]}}]}}]} as unknown as DocumentNode<StudiesPageQuery, StudiesPageQueryVariables>;
export const StudiesCountDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"StudiesCount"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"filter"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"StudyFilter"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"partition"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"studies"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"filter"},"value":{"kind":"Variable","name":{"kind":"Name","value":"filter"}}},{"kind":"Argument","name":{"kind":"Name","value":"partition"},"value":{"kind":"Variable","name":{"kind":"Name","value":"partition"}}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"0"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}}]}}]}}]} as unknown as DocumentNode<StudiesCountQuery, StudiesCountQueryVariables>;
export const StudyOfPageDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"StudyOfPage"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"uid"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"UI"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"partition"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"study"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"studyInstanceUid"},"value":{"kind":"Variable","name":{"kind":"Name","value":"uid"}}},{"kind":"Argument","name":{"kind":"Name","value":"partition"},"value":{"kind":"Variable","name":{"kind":"Name","value":"partition"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"studyInstanceUid"}},{"kind":"Field","name":{"kind":"Name","value":"studyDate"}},{"kind":"Field","name":{"kind":"Name","value":"studyTime"}},{"kind":"Field","name":{"kind":"Name","value":"studyDescription"}},{"kind":"Field","name":{"kind":"Name","value":"studyId"}},{"kind":"Field","name":{"kind":"Name","value":"accessionNumber"}},{"kind":"Field","name":{"kind":"Name","value":"modalitiesInStudy"}},{"kind":"Field","name":{"kind":"Name","value":"referringPhysicianName"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"alphabetic"}},{"kind":"Field","name":{"kind":"Name","value":"ideographic"}}]}},{"kind":"Field","name":{"kind":"Name","value":"patientId"}},{"kind":"Field","name":{"kind":"Name","value":"issuerOfPatientId"}},{"kind":"Field","name":{"kind":"Name","value":"patientName"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"alphabetic"}},{"kind":"Field","name":{"kind":"Name","value":"ideographic"}}]}},{"kind":"Field","name":{"kind":"Name","value":"patientBirthDate"}},{"kind":"Field","name":{"kind":"Name","value":"patientSex"}},{"kind":"Field","name":{"kind":"Name","value":"numberOfStudyRelatedSeries"}},{"kind":"Field","name":{"kind":"Name","value":"numberOfStudyRelatedInstances"}},{"kind":"Field","name":{"kind":"Name","value":"partition"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"series"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"200"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}}]}},{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"seriesInstanceUid"}},{"kind":"Field","name":{"kind":"Name","value":"seriesNumber"}},{"kind":"Field","name":{"kind":"Name","value":"modality"}},{"kind":"Field","name":{"kind":"Name","value":"seriesDescription"}},{"kind":"Field","name":{"kind":"Name","value":"bodyPartExamined"}},{"kind":"Field","name":{"kind":"Name","value":"numberOfSeriesRelatedInstances"}}]}}]}}]}}]}}]}}]} as unknown as DocumentNode<StudyOfPageQuery, StudyOfPageQueryVariables>;
export const InstancesOfSeriesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"InstancesOfSeries"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"uid"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"UI"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"partition"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"series"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"filter"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"seriesInstanceUid"},"value":{"kind":"ListValue","values":[{"kind":"Variable","name":{"kind":"Name","value":"uid"}}]}}]}},{"kind":"Argument","name":{"kind":"Name","value":"partition"},"value":{"kind":"Variable","name":{"kind":"Name","value":"partition"}}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"1"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"instances"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"200"}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}},{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"sopInstanceUid"}},{"kind":"Field","name":{"kind":"Name","value":"instanceNumber"}}]}}]}}]}}]}}]}}]}}]}}]} as unknown as DocumentNode<InstancesOfSeriesQuery, InstancesOfSeriesQueryVariables>;
export const UploadPartitionsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"UploadPartitions"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"partitions"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"200"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"disabledAt"}}]}}]}}]}}]}}]} as unknown as DocumentNode<UploadPartitionsQuery, UploadPartitionsQueryVariables>;