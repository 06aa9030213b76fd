import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildSchema, GraphQLError, graphql } from 'graphql';
import { onTestFinished } from 'vitest';

const SCHEMA = buildSchema(readFileSync('../portal/schema.graphql', 'utf-8'));

type Resolver = (args: never) => unknown;

export interface Graph {
  readonly origin: string;
  /** What was asked, in order. */
  readonly asked: { readonly operation: string; readonly variables: Record<string, unknown> }[];
  readonly headers: IncomingMessage['headers'][];
}

interface Options {
  /** Answers with this status, without a graph. */
  readonly status?: number;
}

/**
 * Serves the portal's own schema over HTTP, with the answers of a test.
 *
 * What a page asks is checked against the schema, and so is what the test answers.
 */
export async function serveGraph(
  root: Readonly<Record<string, Resolver>>,
  { status = 200 }: Options = {},
): Promise<Graph> {
  const asked: Graph['asked'] = [];
  const headers: Graph['headers'] = [];
  const server = createServer((request, response) => {
    headers.push(request.headers);
    void answer(request, response);
  });
  async function answer(request: IncomingMessage, response: ServerResponse) {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk as Buffer);
    }
    if (request.method !== 'POST' || status !== 200) {
      response.writeHead(statusOf(request, status), allowed(request));
      response.end();
      return;
    }
    const { query, variables, operationName } = JSON.parse(Buffer.concat(chunks).toString());
    asked.push({ operation: operationName, variables });
    const result = await graphql({
      schema: SCHEMA,
      source: query,
      rootValue: root,
      variableValues: variables,
      operationName,
    });
    response.writeHead(200, { ...allowed(request), 'content-type': 'application/json' });
    response.end(JSON.stringify(result));
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, asked, headers };
}

/** A page of a list, as the graph answers it. */
export function connection<Node>(
  nodes: readonly Node[],
  endCursor: string | null = null,
  more: object = {},
) {
  return {
    pageInfo: { hasNextPage: endCursor !== null, hasPreviousPage: false, endCursor },
    edges: nodes.map((node, at) => ({ node, cursor: String(at) })),
    ...more,
  };
}

/** A study as the graph answers it, with nothing but what must be there. */
export function study(studyInstanceUid: string, more: object = {}) {
  return {
    id: studyInstanceUid,
    studyInstanceUid,
    modalitiesInStudy: [],
    partition: { name: 'default' },
    series: () => connection([]),
    ...more,
  };
}

/** A refusal with its code, as the server tells it. */
export function refused(code: string, message = 'no'): never {
  throw new GraphQLError(message, { extensions: { code } });
}

/** There is no WebSocket here. */
function statusOf({ method }: IncomingMessage, status: number): number {
  if (method === 'OPTIONS') {
    return 204;
  }
  return method === 'POST' ? status : 404;
}

// jsdom's page is of another origin than the server of the test.
function allowed(request: IncomingMessage): Record<string, string> {
  return {
    'access-control-allow-origin': request.headers.origin ?? '*',
    'access-control-allow-headers': 'content-type, x-csrftoken',
    'access-control-allow-credentials': 'true',
  };
}
