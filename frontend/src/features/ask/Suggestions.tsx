import { Button, Text } from '@mantine/core';
import { nounOf } from '~/domain/ask/leafWords';
import { saidAs } from '~/domain/ask/questionText';
import classes from './Ask.module.css';
import type { Reading } from './queries';

interface Props {
  readonly question: string;
  readonly reading: Reading;
  readonly onAsk: (question: string) => void;
}

/** Names that nobody here has, and names of the data that could be meant: none is taken. */
export function Suggestions({ question, reading, onAsk }: Props) {
  const { absent, suggestions } = reading;
  const phrases = [...new Set(suggestions.map(({ phrase }) => phrase))];
  return (
    <>
      {absent.length > 0 && (
        <ul aria-label="Names that are not here" className={classes.absent}>
          {absent.map(({ text, type, fewerThan }) => (
            <li key={`${type} ${text}`}>
              <Text span size="sm">
                {nounOf(type)} “<bdi>{text}</bdi>”:{' '}
                {fewerThan === 1
                  ? 'no patient here has it.'
                  : `fewer than ${fewerThan} events here are called so.`}
              </Text>
            </li>
          ))}
        </ul>
      )}
      {phrases.map((phrase) => (
        <div
          key={phrase}
          role="group"
          aria-label={`Did you mean, by “${phrase}”`}
          className={classes.chips}
        >
          <Text span size="sm">
            Did you mean, by “<bdi>{phrase}</bdi>”,
          </Text>
          {suggestions
            .filter((each) => each.phrase === phrase)
            .map((each) => (
              <Button
                key={`${each.domain} ${each.name}`}
                size="compact-sm"
                radius="xl"
                variant="default"
                title={each.code ? `${each.system} ${each.code}` : 'Words without a code'}
                onClick={() => onAsk(saidAs(question, each, each.name))}
              >
                <bdi>{each.name}</bdi>
                <span className={classes.other}>{nounOf(each.domain)}</span>
              </Button>
            ))}
        </div>
      ))}
    </>
  );
}
