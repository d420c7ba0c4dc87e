import { type Client, generators, Issuer } from "openid-client";
import { afterAll, beforeEach, expect, test } from "vitest";
import { oidcProvider } from "#lib/auth/oidc-provider";
import { startLocalIssuer } from "./local-issuer";

const redirectUri = "http://127.0.0.1:9/callback";
const issuer = await startLocalIssuer({ redirectUri, emailInIdToken: true });
issuer.people.set("ada", { email: "ada@issuer.test", email_verified: true });
afterAll(() => issuer.stop());
beforeEach(() => {
  issuer.lie = null;
});

/** Follows redirects as a browser with cookies does, until the callback's address. */
async function browse(start: string): Promise<URL> {
  const cookies = new Map<string, string>();
  let url = new URL(start);
  for (let step = 0; step < 10; step++) {
    if (url.href.startsWith(redirectUri)) return url;
    const isForm = url.pathname.startsWith("/sign-in-here/");
    const response = await fetch(url, {
      method: isForm ? "POST" : "GET",
      body: isForm ? new URLSearchParams({ account: "ada", answer: "yes" }) : null,
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; ") },
      redirect: "manual",
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      cookies.set(name, value);
    }
    const location = response.headers.get("location");
    if (location === null) throw new Error(`${url}: ${response.status} ${await response.text()}`);
    url = new URL(location, url);
  }
  throw new Error("too many redirects");
}

/** Signs in as next-auth does, with the provider's own steps. */
async function claimsFor(configured: string): Promise<Record<string, unknown>> {
  const provider = oidcProvider(
    { issuer: configured, clientId: issuer.clientId, clientSecret: issuer.clientSecret, newUsersJoin: null },
    () => ({ id: "" }),
  );
  const { token, userinfo } = provider;
  if (typeof token !== "object" || typeof userinfo !== "object") throw new Error("no steps");
  const discovered = await Issuer.discover(provider.wellKnown ?? "");
  const client: Client = new discovered.Client({
    client_id: issuer.clientId,
    client_secret: issuer.clientSecret,
    redirect_uris: [redirectUri],
  });
  const verifier = generators.codeVerifier();
  const checks = { state: generators.state(), nonce: generators.nonce(), response_type: "code" };
  const callback = await browse(
    client.authorizationUrl({
      scope: "openid email profile",
      state: checks.state,
      nonce: checks.nonce,
      code_challenge: generators.codeChallenge(verifier),
      code_challenge_method: "S256",
    }),
  );
  const whole = { ...provider, callbackUrl: redirectUri, signinUrl: "" };
  const exchanged = await token.request?.({
    client,
    params: client.callbackParams(callback.href),
    checks: { ...checks, code_verifier: verifier },
    provider: whole,
  });
  const claims = await userinfo.request?.({ client, tokens: exchanged?.tokens ?? {}, provider: whole });
  return { ...claims };
}

test("signs in people of the configured issuer", async () => {
  expect(await claimsFor(issuer.url)).toMatchObject({
    iss: issuer.url,
    sub: "ada",
    email: "ada@issuer.test",
  });
});

test("rejects an issuer that says to be another, before it gets the code and the client's secret", async () => {
  issuer.lie = { issuer: "https://login.example.com" };
  await expect(claimsFor(issuer.url)).rejects.toThrow(
    `OIDC_ISSUER is ${issuer.url} and returned a configuration of the issuer https://login.example.com.`,
  );
});

test("rejects an ID token of another issuer", async () => {
  issuer.lie = { issuer: "https://login.example.com", only: "/token" };
  await expect(claimsFor(issuer.url)).rejects.toThrow(/unexpected iss value/);
});

test("takes a slash at the end as a difference, and says what to set", async () => {
  await expect(claimsFor(`${issuer.url}/`)).rejects.toThrow(`the issuer ${issuer.url}.`);
  issuer.lie = { issuer: `${issuer.url}/` };
  await expect(claimsFor(issuer.url)).rejects.toThrow(`set OIDC_ISSUER to exactly this`);
  expect(await claimsFor(`${issuer.url}/`)).toMatchObject({ iss: `${issuer.url}/` });
});
