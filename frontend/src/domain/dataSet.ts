/** An element of the DICOM JSON model (DICOM PS3.18 F.2). */
export interface Element {
  readonly vr: string;
  readonly Value?: readonly unknown[];
  readonly BulkDataURI?: string;
  readonly InlineBinary?: string;
}

export type DataSet = Readonly<Record<string, Element>>;
