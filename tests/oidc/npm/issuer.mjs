// The npm package oidc-provider as an issuer: node issuer.mjs PORT FILE [REDIRECT_URI]
//
// FILE holds the private keys (a JWKS). Each client is one of `people`, who ask for
// tokens by client credentials; in the body "groups" says what groups they are in. With
// REDIRECT_URI there is also the client "portal", whose users sign in by a form with any
// name and password: ada+readers is called ada and is in the group readers.

import { readFileSync } from "node:fs";
import Provider from "oidc-provider";

const [port, file, redirectUri] = process.argv.slice(2);
const jwks = JSON.parse(readFileSync(file, "utf8"));
const people = ["ada", "bob", "ada-of-elsewhere"];
const portal = {
  client_id: "portal",
  client_secret: "secret of the portal: a+b",
  redirect_uris: [redirectUri],
  id_token_signed_response_alg: jwks.keys[0].alg,
};

const provider = new Provider(`http://127.0.0.1:${port}`, {
  jwks,
  enabledJWA: { idTokenSigningAlgValues: [jwks.keys[0].alg] },
  clients: [
    ...people.map((name) => ({
      client_id: name,
      client_secret: `secret of ${name}`,
      grant_types: ["client_credentials"],
      redirect_uris: [],
      response_types: [],
      id_token_signed_response_alg: jwks.keys[0].alg,
    })),
    ...(redirectUri ? [portal] : []),
  ],
  pkce: { required: () => true },
  claims: { profile: ["preferred_username"], groups: ["groups"] },
  conformIdTokenClaims: false,
  cookies: { keys: ["of the tests"] },
  findAccount: (_context, id) => {
    const [name, ...groups] = id.split("+");
    const claims = () => ({ sub: id, preferred_username: name, groups });
    return { accountId: id, claims };
  },
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: Boolean(redirectUri) },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: (_context, resource) => ({
        scope: "portal",
        audience: resource,
        accessTokenFormat: "jwt",
        jwt: { sign: { alg: jwks.keys[0].alg } },
      }),
    },
  },
  extraTokenClaims: ({ oidc }) => ({
    preferred_username: oidc.client.clientId.split("-")[0],
    groups: (oidc.body.groups ?? "").split(" ").filter(Boolean),
  }),
});

const server = provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
// Ends with whoever started it.
process.stdin.resume().on("end", () => server.close(() => process.exit(0)));
