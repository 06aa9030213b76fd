import { createMemoryHistory, RouterProvider } from '@tanstack/react-router';
import { render } from '@testing-library/react';
import type { ReactNode } from 'react';
import { createGraphClient } from '~/api/client';
import { createQueryClient } from '~/api/queries';
import { Providers } from '~/app/Providers';
import { createPortalRouter } from '~/app/router';

/** Shows something in what every page stands in. */
export function show(children: ReactNode, origin = 'http://127.0.0.1:9') {
  return render(
    <Providers graph={createGraphClient({ origin })} queries={createQueryClient()}>
      {children}
    </Providers>,
  );
}

/** Opens an address of the portal; returns its router. */
export function open(path: string, origin: string) {
  const router = createPortalRouter(createMemoryHistory({ initialEntries: [path] }));
  show(<RouterProvider router={router} />, origin);
  return router;
}
