import type { CombinedError } from 'urql';
import { codeOf, type Fault, OFFLINE } from '~/domain/fault';

/** Returns what went wrong with an operation, by the first code that is given. */
export function faultOf(error: CombinedError): Fault {
  const first = error.graphQLErrors[0];
  if (first === undefined) {
    return faultOfNetwork(error);
  }
  const { code, requestId, retryAfter } = first.extensions;
  return {
    code: codeOf(code),
    message: first.message,
    requestId: typeof requestId === 'string' ? requestId : undefined,
    retryAfterS: typeof retryAfter === 'number' ? retryAfter : undefined,
  };
}

function faultOfNetwork(error: CombinedError): Fault {
  const response: unknown = error.response;
  if (!(response instanceof Response)) {
    return OFFLINE;
  }
  // The boundary answers in plain text before there is a graph to ask.
  const code = response.status === 401 ? 'UNAUTHENTICATED' : codeOfStatus(response.status);
  return { code, message: `The server answered ${response.status}.` };
}

function codeOfStatus(status: number): Fault['code'] {
  if (status === 403) {
    return 'FORBIDDEN';
  }
  if (status === 413) {
    return 'TOO_LARGE';
  }
  return status === 503 || status === 429 ? 'BUSY' : 'INTERNAL';
}
