import { Button, Group, Text, Textarea, TextInput, UnstyledButton } from '@mantine/core';
import { type KeyboardEvent, type ReactNode, useEffect, useState } from 'react';
import { LONGEST_QUESTION } from '~/domain/ask/askSearch';
import classes from './Ask.module.css';

const EXAMPLES = [
  'Give me all the medications prescribed with all the CT scan documents and their associated' +
    ' radiology reports for any patient older than 45 that has a diagnosis of osteosarcoma over' +
    ' the last two years.',
  'women over 60 with breast cancer who had an MRI in the last 3 years',
  'patients with at least 2 CT scans within 90 days after surgery',
  'patients on doxorubicin without metastases',
];

interface Props {
  readonly question: string;
  readonly now: string;
  readonly isBusy: boolean;
  readonly onAsk: (question: string, now: string) => void;
  /** What stands beside the day. */
  readonly children?: ReactNode;
}

/** Where the question is typed; Enter asks it. */
export function QuestionBox({ question, now, isBusy, onAsk, children }: Props) {
  const [text, setText] = useState(question);
  const [day, setDay] = useState(now);
  useEffect(() => setText(question), [question]);
  useEffect(() => setDay(now), [now]);
  const ask = (asked = text) => {
    if (asked.trim()) {
      onAsk(asked.trim(), day);
    }
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault();
      ask();
    }
  };
  return (
    <search aria-label="Question">
      <Textarea
        label="Your question, in English"
        placeholder="Which patients, and what of them?"
        rows={3}
        maxLength={LONGEST_QUESTION}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={press}
      />
      <Group mt="xs" gap="sm" align="end">
        <Button onClick={() => ask()} loading={isBusy} disabled={text.trim() === ''}>
          Ask
        </Button>
        <TextInput
          type="date"
          size="xs"
          label="As of"
          title="The day that counts as now; today if none"
          value={day}
          onChange={(event) => {
            const chosen = event.currentTarget.value;
            setDay(chosen);
            if (question) {
              onAsk(question, chosen);
            }
          }}
        />
        {children}
      </Group>
      {question === '' && (
        <div className={classes.examples}>
          <Text size="sm" c="dimmed">
            For example
          </Text>
          {EXAMPLES.map((example) => (
            <UnstyledButton
              key={example}
              className={classes.example}
              onClick={() => {
                setText(example);
                ask(example);
              }}
            >
              {example}
            </UnstyledButton>
          ))}
        </div>
      )}
    </search>
  );
}
