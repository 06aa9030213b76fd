import { useState } from 'react';
import classes from './SeriesCard.module.css';

interface Props {
  readonly address: string;
  /** What stands there where there is no picture. */
  readonly words: string;
}

/** The server's small picture of something; objects without pixels have none. */
export function Thumbnail({ address, words }: Props) {
  const [isMissing, setMissing] = useState(false);
  return (
    <div className={classes.picture}>
      {isMissing ? (
        <span>{words}</span>
      ) : (
        // What it shows stands in words beside it.
        <img src={address} alt="" loading="lazy" onError={() => setMissing(true)} />
      )}
    </div>
  );
}
