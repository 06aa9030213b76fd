import '@mantine/core/styles.css';
import '@mantine/spotlight/styles.css';
import './app/page.css';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createGraphClient } from './api/client';
import { createQueryClient } from './api/queries';
import { styleNonce } from './app/nonce';
import { Providers } from './app/Providers';
import { createPortalRouter } from './app/router';

declare global {
  // Libraries that add style tags by themselves look for the nonce here.
  var __webpack_nonce__: string | undefined;
}

globalThis.__webpack_nonce__ = styleNonce();

const place = document.getElementById('portal');
if (place === null) {
  throw new Error('The page has no place for the portal.');
}
createRoot(place).render(
  <StrictMode>
    <Providers graph={createGraphClient()} queries={createQueryClient()}>
      <RouterProvider router={createPortalRouter()} />
    </Providers>
  </StrictMode>,
);
