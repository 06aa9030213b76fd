import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { nounOf } from '~/domain/ask/leafWords';
import { piecesOf, saidAs, slotWords } from '~/domain/ask/questionText';
import { unturned } from '~/domain/plainText';
import classes from './Ask.module.css';
import type { Reading } from './queries';
import { Suggestions } from './Suggestions';

interface Props {
  readonly question: string;
  readonly reading: Reading;
  readonly switched: readonly string[];
  /** Whether criteria were edited by hand: then the question counts no more. */
  readonly isEdited: boolean;
  readonly onAsk: (question: string) => void;
  readonly onSwitch: (key: string) => void;
}

/** How a question was read: what was passed over, assumed, and has to be asked back. */
export function ReadingView(props: Props) {
  const { question, reading, isEdited, onAsk } = props;
  const { ask, readback, assumptions, concepts } = reading;
  return (
    <Stack gap="sm">
      <MarkedQuestion question={question} reading={reading} />
      {ask.map((asked) => (
        <Alert
          key={`${asked.slot} ${asked.start}`}
          title={titleOf(asked.slot, asked.options.length)}
        >
          {asked.options.length === 0 ? (
            <Text size="sm">Say it more exactly in the question above.</Text>
          ) : (
            <Group gap="xs">
              {asked.options.map((option) => (
                <Button
                  key={option}
                  size="compact-sm"
                  variant="default"
                  onClick={() => onAsk(saidAs(question, asked, option))}
                >
                  <bdi>{option}</bdi>
                </Button>
              ))}
            </Group>
          )}
        </Alert>
      ))}
      {readback && !isEdited && (
        <Text component="p" m={0} className={classes.readback}>
          <Text span c="dimmed" size="sm">
            Read as{' '}
          </Text>
          <bdi>{readback}</bdi>
        </Text>
      )}
      {(assumptions.length > 0 || concepts.length > 0) && !isEdited && (
        <div role="group" aria-label="What was assumed" className={classes.chips}>
          <Assumptions {...props} />
          {concepts.map((concept) => (
            <Concept key={`${concept.text} ${concept.start}`} {...concept} />
          ))}
        </div>
      )}
      {!isEdited && <Suggestions question={question} reading={reading} onAsk={onAsk} />}
    </Stack>
  );
}

function titleOf(slot: string, options: number): string {
  if (slot === 'question') {
    return 'The question was not understood';
  }
  return options === 0
    ? `What exactly is meant by “${unturned(slotWords(slot))}”?`
    : `Which is meant by “${unturned(slotWords(slot))}”?`;
}

/** The question with what was not understood struck through. */
function MarkedQuestion({ question, reading }: Pick<Props, 'question' | 'reading'>) {
  if (reading.unused.length === 0) {
    return null;
  }
  return (
    <Text size="sm" component="p" m={0} style={{ overflowWrap: 'anywhere' }}>
      {piecesOf(question, reading.unused).map(({ text, mark }, at) =>
        mark === undefined ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: pieces are known by their place
          <bdi key={at}>{text}</bdi>
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: pieces are known by their place
          <s key={at} className={classes.unused} title="Not understood">
            {text}
          </s>
        ),
      )}
      <Text span size="sm" c="dimmed">
        {' '}
        — words that are struck through were not understood: the answer does not heed them.
      </Text>
    </Text>
  );
}

function Assumptions({ reading, switched, onSwitch }: Props) {
  return reading.assumptions.map(({ key, text, other }) =>
    key === '' ? (
      <span key={text} className={classes.chip}>
        <bdi>{text}</bdi>
      </span>
    ) : (
      <Button
        key={key}
        size="compact-sm"
        className={classes.switch}
        radius="xl"
        variant="light"
        aria-pressed={switched.includes(key)}
        title={`Take it as: ${unturned(other)}`}
        onClick={() => onSwitch(key)}
      >
        <bdi>{text}</bdi>
        <span className={classes.other}>
          ⇄ <bdi>{other}</bdi>
        </span>
      </Button>
    ),
  );
}

/** A name that no list of ours has: whoever asks says that it is right as it is. */
function Concept({ text, type }: { readonly text: string; readonly type: string }) {
  const [isRight, setRight] = useState(false);
  return (
    <Button
      size="compact-sm"
      className={classes.switch}
      radius="xl"
      variant={isRight ? 'light' : 'default'}
      aria-pressed={isRight}
      onClick={() => setRight(!isRight)}
    >
      {type && `${nounOf(type)} `}“<bdi>{text}</bdi>”
      <span className={classes.other}>{isRight ? 'confirmed' : 'as written: confirm'}</span>
    </Button>
  );
}
