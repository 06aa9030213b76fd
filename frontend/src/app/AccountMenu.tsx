import { Button, Menu, useMantineColorScheme } from '@mantine/core';
import { useRef } from 'react';
import { csrfToken } from '~/api/session';
import { useDensity } from './density';
import { useMe } from './me';

const ADMIN_VERBS = ['manage_data', 'read_accounts', 'read_audit'];
const SCHEMES = [
  ['light', 'Light'],
  ['dark', 'Dark'],
  ['auto', 'As the system'],
] as const;

/** What concerns the account: how the portal looks, password, the way out. */
export function AccountMenu() {
  const { name, roles, may } = useMe();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { density, setDensity } = useDensity();
  const form = useRef<HTMLFormElement>(null);
  const chooseScheme = (value: string) => {
    const known = SCHEMES.find(([scheme]) => scheme === value);
    setColorScheme(known?.[0] ?? 'auto');
  };
  return (
    <>
      <Menu position="bottom-end" width={220}>
        <Menu.Target>
          <Button variant="default" size="xs" aria-label={`Account ${name}`}>
            {name || 'Account'}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {roles.length > 0 && <Menu.Label>{roles.join(', ')}</Menu.Label>}
          <Menu.RadioGroup value={colorScheme} onChange={chooseScheme}>
            <Menu.Label>Colours</Menu.Label>
            {SCHEMES.map(([scheme, label]) => (
              <Menu.RadioItem key={scheme} value={scheme}>
                {label}
              </Menu.RadioItem>
            ))}
          </Menu.RadioGroup>
          <Menu.CheckboxItem
            checked={density === 'compact'}
            onChange={(isCompact) => setDensity(isCompact ? 'compact' : 'comfortable')}
          >
            Compact lists
          </Menu.CheckboxItem>
          <Menu.Divider />
          {ADMIN_VERBS.some(may) && (
            <Menu.Item component="a" href="/admin/">
              Administration
            </Menu.Item>
          )}
          <Menu.Item component="a" href="/account/password/">
            Change password
          </Menu.Item>
          <Menu.Item onClick={() => form.current?.requestSubmit()}>Sign out</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <form ref={form} action="/sign-out/" method="post" hidden onSubmit={fillIn}>
        <input type="hidden" name="csrfmiddlewaretoken" />
      </form>
    </>
  );
}

/** Puts in the token at the last moment: it changes with each sign-in. */
function fillIn(event: React.SyntheticEvent<HTMLFormElement>): void {
  const field = event.currentTarget.elements.namedItem('csrfmiddlewaretoken');
  if (field instanceof HTMLInputElement) {
    field.value = csrfToken();
  }
}
