import { ActionIcon, NativeSelect, Text } from '@mantine/core';
import { counted } from '~/domain/amount';
import { type Removal, removalAt } from '~/domain/ask/attrition';
import {
  childrenOf,
  isPart,
  kindOf,
  type Part,
  type Path,
  replacedAt,
  withConcept,
  withNode,
  withoutNode,
} from '~/domain/ask/criteria';
import { fieldsOf } from '~/domain/ask/leafWords';
import { readableCount } from '~/domain/ask/told';
import { unturned } from '~/domain/plainText';
import { AddCriterion } from './AddCriterion';
import classes from './Ask.module.css';
import { ConceptCodes } from './ConceptCodes';
import { LeafField } from './LeafField';
import type { Step } from './queries';
import { useTitleOf } from './savedNames';

interface Props {
  readonly node: Part;
  /** From the criteria, as the attrition names it. */
  readonly path: Path;
  readonly removals: readonly Removal<Step>[];
  readonly isStale: boolean;
  readonly onChange: (node: Part) => void;
  /** None of the last criterion that is left. */
  readonly onRemove?: () => void;
}

/** A criterion, or a group of them with all that is below it. */
export function CriteriaNode(props: Props) {
  return childrenOf(props.node).length > 0 ? <GroupOf {...props} /> : <Leaf {...props} />;
}

function GroupOf(props: Props) {
  const { node, path, removals, isStale, onChange, onRemove } = props;
  const kind = kindOf(node);
  const remove = (at: Path) => {
    const rest = withoutNode(node, at);
    if (rest !== undefined) {
      onChange(rest);
    } else {
      onRemove?.();
    }
  };
  const children = childrenOf(node);
  return (
    <fieldset className={classes.group} data-kind={kind}>
      <legend className={classes.legend}>
        <GroupName node={node} onChange={onChange} />
        <Removed {...props} />
        {onRemove && <Remove label="this group" onRemove={onRemove} />}
      </legend>
      {children.map((child) => {
        const isLast = children.length === 1 && onRemove === undefined;
        return (
          <CriteriaNode
            key={child.path.join('.')}
            node={child.node}
            path={[...path, ...child.path]}
            removals={removals}
            isStale={isStale}
            onChange={(changed) => onChange(replacedAt(node, child.path, changed))}
            {...(!isLast && { onRemove: () => remove(child.path) })}
          />
        );
      })}
      {(kind === 'all' || kind === 'any') && path.length > 1 && (
        <AddCriterion
          label="Add to this group"
          onAdd={(added) => onChange(withNode(node, added))}
        />
      )}
    </fieldset>
  );
}

/** All of, any of: of one group the other is made. */
function GroupName({ node, onChange }: Pick<Props, 'node' | 'onChange'>) {
  const kind = kindOf(node);
  if (kind === 'all' || kind === 'any') {
    return (
      <NativeSelect
        size="xs"
        aria-label="How many of the group"
        data={[
          { value: 'all', label: 'All of' },
          { value: 'any', label: 'Any of' },
        ]}
        value={kind}
        onChange={(event) => onChange({ [event.currentTarget.value]: node[kind] })}
      />
    );
  }
  const some = node['atleast'];
  return <span>{isPart(some) ? `At least ${String(some['n'])} of` : 'Not'}</span>;
}

function Leaf(props: Props) {
  const { node, onChange, onRemove } = props;
  const title = useTitleOf()(node);
  return (
    <section className={classes.leaf} aria-label={unturned(title)}>
      <div className={classes.leafHead}>
        <Text size="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
          <bdi>{title}</bdi>
        </Text>
        <Removed {...props} />
        {onRemove && <Remove label={title} onRemove={onRemove} />}
      </div>
      <div className={classes.fields}>
        {fieldsOf(node).map((field) => (
          <LeafField
            key={field.path.join('.')}
            field={field}
            onChange={(value) => onChange(replacedAt(node, field.path, value))}
          />
        ))}
      </div>
      <ConceptCodes node={node} onChange={(code) => onChange(withConcept(node, code))} />
    </section>
  );
}

/** How many the criterion takes away of those before it. */
function Removed({ path, removals, isStale }: Props) {
  const removal = removalAt(removals, path);
  if (removal === undefined) {
    return null;
  }
  return (
    <span className={classes.removed} data-stale={isStale || undefined}>
      {removal.removed === undefined ? '' : `removes ${counted(removal.removed, 'patient')}, `}
      leaves {readableCount(removal.step.numberOfPatients)}
    </span>
  );
}

function Remove({ label, onRemove }: { readonly label: string; readonly onRemove: () => void }) {
  return (
    <ActionIcon
      size="sm"
      variant="subtle"
      color="gray"
      aria-label={`Remove ${unturned(label)}`}
      onClick={onRemove}
    >
      <span aria-hidden="true">×</span>
    </ActionIcon>
  );
}
