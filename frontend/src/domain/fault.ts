/** Why something could not be had, by the codes of the server's one table of errors. */
export interface Fault {
  readonly code: FaultCode;
  /** The server's sentence for people; it is shown as text and never looked into. */
  readonly message: string;
  /** The id under which the server's log knows the failure. */
  readonly requestId?: string | undefined;
  readonly retryAfterS?: number | undefined;
  /** The argument or attribute at fault. */
  readonly path?: string;
}

const CODES = [
  'BUSY',
  'CLAIMED_BY_ANOTHER',
  'CONFLICT',
  'FORBIDDEN',
  'GONE',
  'INTERNAL',
  'INVALID',
  'NOT_FOUND',
  'NO_SUCH_WORKITEM',
  'OFFLINE',
  'PRECONDITION_FAILED',
  'STORAGE_UNAVAILABLE',
  'TOO_LARGE',
  'TOO_MANY',
  'UNAUTHENTICATED',
  'UNSUPPORTED',
  'UPSTREAM',
  'WORKITEM_INVALID',
  'WORKITEM_REFUSED',
  'WRONG_TRANSACTION_UID',
] as const;

export type FaultCode = (typeof CODES)[number];

const BY_STATUS: Readonly<Record<number, FaultCode>> = {
  400: 'INVALID',
  401: 'UNAUTHENTICATED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  406: 'UNSUPPORTED',
  408: 'OFFLINE',
  409: 'CONFLICT',
  410: 'GONE',
  412: 'PRECONDITION_FAILED',
  413: 'TOO_LARGE',
  415: 'UNSUPPORTED',
  429: 'TOO_MANY',
  502: 'UPSTREAM',
  503: 'BUSY',
  504: 'UPSTREAM',
};

const LONGEST_MESSAGE = 500;

export const OFFLINE: Fault = {
  code: 'OFFLINE',
  message: 'The portal cannot be reached from here.',
};

export function codeOf(word: unknown): FaultCode {
  return CODES.find((code) => code === word) ?? 'INTERNAL';
}

/** Returns what an answer of HTTP says that is none; `text` is its body. */
export function faultOfAnswer(status: number, headers: Headers, text: string): Fault {
  const isPlain = headers.get('content-type')?.startsWith('text/plain') ?? false;
  const retryAfter = Number(headers.get('retry-after') ?? Number.NaN);
  return {
    code: BY_STATUS[status] ?? 'INTERNAL',
    message: isPlain ? text.trim().slice(0, LONGEST_MESSAGE) : `The server answered ${status}.`,
    requestId: headers.get('x-request-id') ?? undefined,
    retryAfterS: Number.isFinite(retryAfter) ? retryAfter : undefined,
  };
}

const PASSING: ReadonlySet<FaultCode> = new Set([
  'BUSY',
  'OFFLINE',
  'STORAGE_UNAVAILABLE',
  'TOO_MANY',
  'UPSTREAM',
]);

/** Returns whether the same may well succeed a little later. */
export function isPassing({ code }: Fault): boolean {
  return PASSING.has(code);
}

/** An error that carries a fault through code that throws. */
export class FaultError extends Error {
  readonly fault: Fault;

  constructor(fault: Fault) {
    super(fault.message);
    this.name = 'FaultError';
    this.fault = fault;
  }
}

export function faultOfError(error: unknown): Fault {
  if (error instanceof FaultError) {
    return error.fault;
  }
  // fetch() rejects with a TypeError where there is no connection.
  return error instanceof TypeError
    ? OFFLINE
    : { code: 'INTERNAL', message: 'Something went wrong in this page.' };
}
