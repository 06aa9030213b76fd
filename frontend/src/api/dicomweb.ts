import type { DataSet } from '~/domain/dataSet';
import { type Fault, FaultError, faultOfAnswer } from '~/domain/fault';
import { DEFAULT_PARTITION } from '~/domain/placeSearch';
import { csrfToken, goToSignIn } from './session';

export interface Place {
  readonly partition: string;
  readonly studyUid: string;
  readonly seriesUid?: string;
}

/** Returns the address of DICOMweb in a partition, without a final slash. */
export function rootOf(partition: string): string {
  return partition === DEFAULT_PARTITION
    ? '/dicomweb'
    : `/dicomweb/partitions/${encodeURIComponent(partition)}`;
}

export function addressOf({ partition, studyUid, seriesUid }: Place): string {
  const study = `${rootOf(partition)}/studies/${encodeURIComponent(studyUid)}`;
  return seriesUid === undefined ? study : `${study}/series/${encodeURIComponent(seriesUid)}`;
}

/** Returns where all files of it are had as one. */
export function zipOf(place: Place): string {
  return `${addressOf(place)}?accept=application/zip`;
}

/** Asks DICOMweb for DICOM JSON; nothing (204) is an empty list. */
export async function fetchDataSets(
  address: string,
  signal?: AbortSignal,
): Promise<readonly DataSet[]> {
  const answer = await request(address, {
    headers: { accept: 'application/dicom+json' },
    signal: signal ?? null,
  });
  return answer.status === 204 ? [] : ((await answer.json()) as DataSet[]);
}

/** Sends a request with the session of this browser; throws a `FaultError`. */
export async function request(address: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set('X-CSRFToken', csrfToken());
  const answer = await fetch(address, { ...init, headers, credentials: 'same-origin' });
  if (answer.ok) {
    return answer;
  }
  const fault: Fault = faultOfAnswer(answer.status, answer.headers, await answer.text());
  if (fault.code === 'UNAUTHENTICATED') {
    goToSignIn();
  }
  throw new FaultError(fault);
}
