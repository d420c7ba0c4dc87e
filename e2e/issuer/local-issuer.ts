import { generateKeyPairSync, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { Provider } from "oidc-provider";
import { closeServer, freePort, listen } from "#lib/testing/listening";

/** A person's claims at the issuer; they sign in there with their `sub`. */
export type Person = { email?: string; email_verified?: boolean; name?: string };

export type LocalIssuer = {
  url: string;
  clientId: string;
  clientSecret: string;
  /** Its accounts, by `sub`. */
  people: Map<string, Person>;
  /** Says to be another issuer: in all answers, or only in ID tokens. */
  lie: { issuer: string; only?: "/token" } | null;
  /** Answers every request with 503. */
  isDown: boolean;
  stop(): Promise<void>;
};

export type LocalIssuerOptions = {
  redirectUri: string;
  /** The standard puts the e-mail address only in the userinfo response; many issuers also put it in the ID token. */
  emailInIdToken: boolean;
};

/** Starts a certified OpenID provider in this process, with a sign-in page. It requires PKCE and skips consent. */
export async function startLocalIssuer(options: LocalIssuerOptions): Promise<LocalIssuer> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const issuer: LocalIssuer = {
    url,
    clientId: "tollgate",
    clientSecret: randomBytes(16).toString("hex"),
    people: new Map(),
    lie: null,
    isDown: false,
    stop: () => closeServer(server),
  };
  const provider = openProvider(issuer, options);
  const answer = provider.callback();
  const server = createServer((request, response) => {
    if (issuer.isDown) return response.writeHead(503).end();
    if (request.url?.startsWith("/sign-in-here/")) return signInPage(provider, request, response);
    const { lie } = issuer;
    const isLie = lie !== null && request.url?.startsWith(lie.only ?? "/");
    provider.issuer = isLie ? lie.issuer : url;
    return answer(request, response);
  });
  await listen(server, port);
  return issuer;
}

function openProvider(issuer: LocalIssuer, { redirectUri, emailInIdToken }: LocalIssuerOptions): Provider {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return new Provider(issuer.url, {
    clients: [
      {
        client_id: issuer.clientId,
        client_secret: issuer.clientSecret,
        redirect_uris: [redirectUri],
        grant_types: ["authorization_code"],
        response_types: ["code"],
      },
    ],
    jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), use: "sig", alg: "RS256" }] },
    cookies: { keys: [randomBytes(16).toString("hex")] },
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    conformIdTokenClaims: !emailInIdToken,
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context, { uid }) => `/sign-in-here/${uid}` },
    ttl: { AccessToken: 60, AuthorizationCode: 60, IdToken: 60, Interaction: 300, Session: 300, Grant: 300 },
    findAccount: (_context, id) => {
      const person = issuer.people.get(id);
      return person && { accountId: id, claims: () => ({ sub: id, ...person }) };
    },
    loadExistingGrant: async ({ oidc: { provider, client, session } }) => {
      const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope("openid email profile");
      await grant.save();
      return grant;
    },
  });
}

const PAGE = `<!doctype html><html lang="en"><title>Issuer</title><main>
<h1>The issuer's own sign-in</h1>
<form method="post">
<label>Account <input name="account" autofocus></label>
<button name="answer" value="yes">Sign in there</button>
<button name="answer" value="no">Cancel</button>
</form></main></html>`;

async function signInPage(provider: Provider, request: IncomingMessage, response: ServerResponse) {
  if (request.method !== "POST") {
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(PAGE);
    return;
  }
  const form = new URLSearchParams(await text(request));
  await provider.interactionFinished(
    request,
    response,
    form.get("answer") === "yes"
      ? { login: { accountId: form.get("account") ?? "", remember: false } }
      : { error: "access_denied", error_description: "Changed their mind." },
  );
}
