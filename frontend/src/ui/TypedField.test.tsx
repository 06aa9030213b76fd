import { Button } from '@mantine/core';
import { act, fireEvent, screen } from '@testing-library/react';
import { useState } from 'react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { show } from '~/test/page';
import { TypedField } from './TypedField';
import { useClearing } from './useClearing';

const RESTED_MS = 1_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A list that is narrowed by a word; answers come when `arrive` is called. */
function List({ onAsk }: { readonly onAsk: (text: string) => void }) {
  const [asked, setAsked] = useState('');
  const [onItsWay, setOnItsWay] = useState<readonly string[]>([]);
  const { fields, clearAll } = useClearing(() => setAsked(''));
  return (
    <>
      <TypedField
        key={fields}
        label="Words"
        width={100}
        asked={asked}
        onAsk={(text) => {
          onAsk(text);
          setOnItsWay((before) => [...before, text]);
        }}
      />
      <Button
        onClick={() => {
          setAsked(onItsWay[0] ?? '');
          setOnItsWay((before) => before.slice(1));
        }}
      >
        Arrive
      </Button>
      <Button onClick={() => setAsked('a saved view')}>View</Button>
      <Button onClick={clearAll}>Clear</Button>
    </>
  );
}

function shown() {
  const asked = vi.fn<(text: string) => void>();
  show(<List onAsk={asked} />);
  const field = screen.getByLabelText<HTMLInputElement>('Words');
  return { asked, field };
}

function type(field: HTMLInputElement, value: string) {
  fireEvent.change(field, { target: { value } });
}

/** Clicks without taking the focus away from the field, as keys do. */
function press(name: string) {
  act(() => screen.getByRole('button', { name }).click());
}

function rest() {
  act(() => void vi.advanceTimersByTime(RESTED_MS));
}

test('what is typed while an answer is on its way is not taken away', () => {
  const { asked, field } = shown();
  type(field, 'ab');
  rest();
  type(field, 'abc');
  press('Arrive'); // of "ab"
  expect(field.value).toBe('abc');
  rest();
  press('Arrive');
  expect(field.value).toBe('abc');
  expect(asked.mock.calls).toEqual([['ab'], ['abc']]);
});

test('what another way asks for is shown, and what waited is given up', () => {
  const { asked, field } = shown();
  type(field, 'ab');
  press('View');
  expect(field.value).toBe('a saved view');
  rest();
  expect(field.value).toBe('a saved view');
  expect(asked).not.toHaveBeenCalled();
});

test('what is cleared does not come back', () => {
  const { asked, field } = shown();
  type(field, 'ab');
  press('Clear');
  rest();
  expect(screen.getByLabelText<HTMLInputElement>('Words').value).toBe('');
  expect(asked).not.toHaveBeenCalled();
});

test('who leaves the field asks at once, for what it then shows', () => {
  const { asked, field } = shown();
  type(field, ' ab ');
  fireEvent.blur(field);
  expect(asked.mock.calls).toEqual([['ab']]);
  expect(field.value).toBe('ab');
});
