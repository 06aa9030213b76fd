import classes from './Grid.module.css';

/** The head of a `Grid` whose columns are not sorted by: their titles. */
export function GridHead({ titles }: { readonly titles: readonly string[] }) {
  return (
    <div role="rowgroup" className={classes.head}>
      <div role="row" aria-rowindex={1} className={classes.tracks}>
        {titles.map((title) => (
          <div key={title} role="columnheader" className={classes.cell}>
            {title}
          </div>
        ))}
      </div>
    </div>
  );
}
