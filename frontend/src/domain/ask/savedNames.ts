import { isPart } from './criteria';

/** What is saved under a name, as far as criteria name it. */
export interface Nameable {
  readonly id: string;
  readonly name: string;
  readonly isOwn: boolean;
}

const KEY = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** Returns what criteria name something by: one's own by its name, others' by their key. */
export function namedBy({ id, name, isOwn }: Nameable): string {
  return isOwn ? name : id;
}

/** Returns whether criteria name something by its key, which tells people nothing. */
export function hasKeys(criteria: unknown): boolean {
  if (Array.isArray(criteria)) {
    return criteria.some(hasKeys);
  }
  if (!isPart(criteria)) {
    return false;
  }
  return Object.entries(criteria).some(
    ([member, value]) =>
      ((member === 'cohort' || member === 'set') && typeof value === 'string' && KEY.test(value)) ||
      hasKeys(value),
  );
}
