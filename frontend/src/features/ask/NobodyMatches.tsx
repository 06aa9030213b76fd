import type { Removal } from '~/domain/ask/attrition';
import { isPart } from '~/domain/ask/criteria';
import { readableCount } from '~/domain/ask/told';
import { Empty } from '~/ui/Empty';
import type { Step } from './queries';
import { useTitleOf } from './savedNames';

interface Props {
  readonly removals: readonly Removal<Step>[];
}

/** Says that nobody answers, and which criterion the last ones do not have. */
export function NobodyMatches({ removals }: Props) {
  const titleOf = useTitleOf();
  const at = removals.findIndex(({ step }) => step.numberOfPatients.value === 0);
  const last = removals[at];
  const before = removals[at - 1]?.step.numberOfPatients;
  return (
    <Empty title="Nobody here answers the question">
      {last !== undefined && before !== undefined && isPart(last.step.criterion) ? (
        <>
          “<bdi>{titleOf(last.step.criterion)}</bdi>” leaves none of the {readableCount(before)}{' '}
          patients before it. Change or remove that criterion above.
        </>
      ) : (
        'Nothing of it is known that you may see.'
      )}
    </Empty>
  );
}
