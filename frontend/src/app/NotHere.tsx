import { Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Empty } from '~/ui/Empty';
import { PageTitle } from '~/ui/PageTitle';

/** What an address shows at which there is no page. */
export function NotHere() {
  return (
    <>
      <PageTitle title="No such page" />
      <Empty title="There is no page at this address">
        <Anchor component={Link} to="/">
          Go to the first page
        </Anchor>
      </Empty>
    </>
  );
}
