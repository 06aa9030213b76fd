import { createClient as createSocket } from 'graphql-ws';
import { Client, cacheExchange, fetchExchange, mapExchange, subscriptionExchange } from 'urql';
import { faultOf } from '~/api/graphql';
import { createLine, LINES } from '~/api/line';
import { csrfToken, goToSignIn } from '~/api/session';

/** A network may cut a connection and say nothing: it is tried so often. */
const PING_EVERY_MS = 15_000;

interface Options {
  /** Where the portal is; the tests have servers of their own. */
  readonly origin?: string;
  /** Called where the session has ended. */
  readonly onSignedOut?: () => void;
}

/** Makes the one client of the graph: session cookie, proof of origin, one cache. */
export function createGraphClient(options: Options = {}): Client {
  const { origin = window.location.origin, onSignedOut = goToSignIn } = options;
  const line = createLine();
  const socket = createSocket({
    url: `${origin.replace(/^http/, 'ws')}/graphql`,
    lazy: true,
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: isLost,
    keepAlive: PING_EVERY_MS,
    on: {
      connected: () => line.set(true),
      closed: () => line.set(false),
      ping: (isReceived) => {
        if (!isReceived) {
          line.expect(() => socket.terminate());
        }
      },
      pong: (isReceived) => {
        if (isReceived) {
          line.set(true);
        }
      },
    },
  });
  const client = new Client({
    url: `${origin}/graphql`,
    preferGetMethod: false,
    requestPolicy: 'cache-and-network',
    fetchOptions: () => ({
      credentials: 'same-origin',
      headers: { 'X-CSRFToken': csrfToken() },
    }),
    exchanges: [
      mapExchange({
        onError: (error) => {
          if (faultOf(error).code === 'UNAUTHENTICATED') {
            onSignedOut();
          }
        },
      }),
      cacheExchange,
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query = '', variables }) => ({
          subscribe: (sink) => {
            const message = { query, ...(variables && { variables }) };
            const unsubscribe = socket.subscribe(message, {
              next: (result) => sink.next(result as Parameters<typeof sink.next>[0]),
              error: (error) => sink.error(error),
              complete: () => sink.complete(),
            });
            return { unsubscribe };
          },
        }),
      }),
    ],
  });
  LINES.set(client, line);
  return client;
}

/** Returns whether coming again makes sense: the server's own refusals stay (44xx). */
function isLost(event: unknown): boolean {
  const code = event instanceof CloseEvent ? event.code : 0;
  return code < 4400 || code > 4499;
}
