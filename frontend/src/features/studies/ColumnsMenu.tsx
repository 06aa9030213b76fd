import { Button, Menu } from '@mantine/core';
import { LEADING } from './columns';
import type { ColumnChoice } from './useColumns';

/** Which columns the list has. */
export function ColumnsMenu({ offered, shown, choose, reset }: ColumnChoice) {
  const keys = shown.map(({ key }) => key);
  return (
    <Menu closeOnItemClick={false} position="bottom-end" width={220}>
      <Menu.Target>
        <Button size="xs" variant="default">
          Columns
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah="70vh" style={{ overflowY: 'auto' }}>
        {offered
          .filter(({ key }) => key !== LEADING)
          .map(({ key, title }) => (
            <Menu.CheckboxItem
              key={key}
              checked={keys.includes(key)}
              onChange={(isShown) =>
                choose(isShown ? [...keys, key] : keys.filter((one) => one !== key))
              }
            >
              {title}
            </Menu.CheckboxItem>
          ))}
        <Menu.Divider />
        <Menu.Item onClick={reset}>The usual columns</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
