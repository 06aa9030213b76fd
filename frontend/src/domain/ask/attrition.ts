import type { ToldCount } from './told';

interface Step {
  readonly path: string;
  readonly criterion?: unknown;
  readonly numberOfPatients: ToldCount;
}

export interface Removal<Of> {
  readonly step: Of;
  /** How many it takes away of those before; undefined where counts do not say exactly. */
  readonly removed: number | undefined;
  /** Of everybody, from 0 to 1. */
  readonly share: number;
}

/** Returns how many each criterion takes away of those that the ones before have left. */
export function removalsOf<Of extends Step>(steps: readonly Of[]): readonly Removal<Of>[] {
  const all = Math.max(1, steps[0]?.numberOfPatients.value ?? 1);
  return steps.map((step, at) => {
    const before = steps[at - 1]?.numberOfPatients.value;
    const { value: now, isProtected } = step.numberOfPatients;
    const isTold = typeof before === 'number' && typeof now === 'number' && !isProtected;
    return {
      step,
      removed: isTold ? before - now : undefined,
      share: Math.min(1, (now ?? 0) / all),
    };
  });
}

/** Returns which step of an attrition a node of the criteria is. */
export function removalAt<Of extends Step>(
  removals: readonly Removal<Of>[],
  path: readonly (number | string)[],
): Removal<Of> | undefined {
  const place = path.join('.');
  return removals.find(({ step }) => step.path === place && step.criterion != null);
}
