import { Button, Group, Menu, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useMe } from '~/app/me';
import classes from './Ask.module.css';
import type { Exporting } from './useExport';

const FORMATS = [
  { what: 'CSV', label: 'Tables (CSV)', hasNames: false },
  { what: 'PARQUET', label: 'Tables (Parquet)', hasNames: false },
  { what: 'BUNDLE', label: 'FHIR Bundles', hasNames: true },
] as const;

interface Props {
  readonly exporting: Exporting;
  /** Whether studies are among what was wanted. */
  readonly hasStudies: boolean;
  /** Resources and images tell who patients are: without names there are tables alone. */
  readonly hasNames: boolean;
}

/** Takes an answer along, for who may: files of an operation. */
export function ExportMenu({ exporting: { state, start }, hasStudies, hasNames }: Props) {
  const { may, isKnown } = useMe();
  if (!isKnown || !may('export_data')) {
    return null;
  }
  return (
    <Group gap="xs">
      {state === 'started' && (
        <Text size="sm" role="status">
          Started: its files come to{' '}
          <Link to="/operations" className={classes.link}>
            Operations
          </Link>
          .
        </Text>
      )}
      <Menu position="bottom-end">
        <Menu.Target>
          <Button size="compact-sm" variant="default" loading={state === 'running'}>
            Export
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {FORMATS.filter((each) => hasNames || !each.hasNames).map(({ what, label }) => (
            <Menu.Item key={what} onClick={() => start(what)}>
              {label}
            </Menu.Item>
          ))}
          {hasStudies && hasNames && (
            <Menu.Item onClick={() => start('DICOM')}>Images (DICOM)</Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}
