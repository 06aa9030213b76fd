import 'react';

declare module 'react' {
  // Custom properties, which style sheets of components read.
  interface CSSProperties {
    [name: `--${string}`]: string | number | undefined;
  }
}
