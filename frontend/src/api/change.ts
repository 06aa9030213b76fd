import type { CombinedError } from 'urql';
import { codeOf, type Fault } from '~/domain/fault';
import { faultOf } from './graphql';

interface Result<Data> {
  readonly data?: Data | undefined;
  readonly error?: CombinedError | undefined;
}

interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly path?: string | null;
}

/**
 * Returns why a mutation did not do what it was asked to; undefined where it did.
 *
 * @param pick - What the mutation answers: its payload, or the `Fault` of the union.
 */
export function faultOfChange<Data>(
  { data, error }: Result<Data>,
  pick: (data: Data) => object,
): Fault | undefined {
  if (error) {
    return faultOf(error);
  }
  const answer = data ? pick(data) : undefined;
  if (answer === undefined) {
    return { code: 'INTERNAL', message: 'The portal has answered nothing.' };
  }
  if (!isRefusal(answer)) {
    return undefined;
  }
  const { code, message, path } = answer;
  return { code: codeOf(code), message, ...(path && { path }) };
}

function isRefusal(answer: object): answer is Refusal {
  return 'code' in answer && 'message' in answer;
}
