import { MantineProvider } from '@mantine/core';
import { type QueryClient, QueryClientProvider } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { type Client, Provider as GraphProvider } from 'urql';
import { DensityProvider } from './density';
import { styleNonce } from './nonce';
import { theme } from './theme';
import { UploadsProvider } from './uploads';

interface Props {
  readonly graph: Client;
  readonly queries: QueryClient;
  readonly children: ReactNode;
}

/** What every page stands in: theme, density, and the two caches of server data. */
export function Providers({ graph, queries, children }: Props) {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={styleNonce}>
      <DensityProvider>
        <GraphProvider value={graph}>
          <QueryClientProvider client={queries}>
            <UploadsProvider>{children}</UploadsProvider>
          </QueryClientProvider>
        </GraphProvider>
      </DensityProvider>
    </MantineProvider>
  );
}
