import { useState } from 'react';

/**
 * Returns how what narrows a list is cleared, and a key for its fields: with another one
 * they are new, and what was typed and waits to be asked for is gone as well.
 */
export function useClearing(clear: () => void): {
  readonly fields: number;
  readonly clearAll: () => void;
} {
  const [fields, setFields] = useState(0);
  return {
    fields,
    clearAll: () => {
      clear();
      setFields((key) => key + 1);
    },
  };
}
