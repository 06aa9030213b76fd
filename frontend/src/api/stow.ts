import type { DataSet } from '~/domain/dataSet';
import { FaultError, faultOfAnswer, OFFLINE } from '~/domain/fault';
import { outcomeOf } from '~/domain/stowAnswer';
import type { Outcome } from '~/domain/upload';
import { rootOf } from './dicomweb';
import { csrfToken } from './session';

const CONFLICT = 409;

interface Sending {
  readonly partition: string;
  readonly signal: AbortSignal;
  readonly onProgress: (sent: number) => void;
}

/**
 * Stores one file; the browser reads it from the disk as it is sent.
 *
 * Rejects with a `FaultError` where nothing was said of the file itself. `fetch` tells
 * nothing of how much was sent, so this is an XMLHttpRequest.
 */
export function storeFile(
  file: File,
  { partition, signal, onProgress }: Sending,
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', `${rootOf(partition)}/studies`);
    request.setRequestHeader('Accept', 'application/dicom+json');
    request.setRequestHeader('Content-Type', 'application/dicom');
    request.setRequestHeader('X-CSRFToken', csrfToken());
    request.upload.onprogress = ({ loaded }) => onProgress(loaded);
    request.onerror = () => reject(new FaultError(OFFLINE));
    request.onabort = () => reject(new FaultError(OFFLINE));
    request.onload = () => {
      const outcome = told(request);
      if (outcome !== undefined) {
        resolve(outcome);
        return;
      }
      const headers = new Headers();
      for (const name of ['content-type', 'retry-after', 'x-request-id']) {
        headers.set(name, request.getResponseHeader(name) ?? '');
      }
      reject(new FaultError(faultOfAnswer(request.status, headers, request.responseText)));
    };
    signal.addEventListener('abort', () => request.abort(), { once: true });
    request.send(file);
  });
}

/** Returns what the answer says of the file; undefined where it says nothing of it. */
function told(request: XMLHttpRequest): Outcome | undefined {
  const isAnswer = request.status < 300 || request.status === CONFLICT;
  const type = request.getResponseHeader('content-type') ?? '';
  if (!isAnswer || !type.startsWith('application/dicom+json')) {
    return undefined;
  }
  return outcomeOf(JSON.parse(request.responseText) as DataSet);
}
