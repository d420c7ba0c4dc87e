// @own-process: whom a process trusts and what it stamps is set once.

import { createServer } from "node:http";
import { describe, expect, test } from "vitest";
import { closeServer, listen } from "#lib/testing/listening";
import { httpsReader, pagePolicy, stampEveryPage } from "./page-security";
import { PEER_HEADER, trustPeerSecret } from "./peer-stamp";

trustPeerSecret("secret ");

const settings = {
  NEXTAUTH_URL: "http://localhost:3000",
  TRUSTED_PROXIES: ["10.0.0.0/8"],
  VERCEL: undefined,
};
const isHttps = (headers: Record<string, string>, more: Partial<Parameters<typeof httpsReader>[0]> = {}) =>
  httpsReader({ ...settings, ...more })(new Headers(headers));

describe("a page's policy", () => {
  test("lets only scripts with the nonce run", () => {
    const [scripts] = /script-src [^;]*/.exec(pagePolicy(false, "bm9uY2U=")) ?? [];
    expect(scripts).toBe("script-src 'self' 'nonce-bm9uY2U='");
  });
});

describe("whether the portal is on https", () => {
  const fromProxy = { [PEER_HEADER]: "secret 10.0.0.1" };

  test("is said by its URL", () => {
    expect(isHttps({}, { NEXTAUTH_URL: "https://tollgate.example.com" })).toBe(true);
    expect(isHttps({})).toBe(false);
  });

  test("is said by a trusted proxy, whose entry is the last one", () => {
    expect(isHttps({ ...fromProxy, "x-forwarded-proto": "https" })).toBe(true);
    expect(isHttps({ ...fromProxy, "x-forwarded-proto": "http, https" })).toBe(true);
    expect(isHttps({ ...fromProxy, "x-forwarded-proto": "https, http" })).toBe(false);
    expect(isHttps(fromProxy)).toBe(false);
  });

  test("is not said by a client", () => {
    const claim = { "x-forwarded-proto": "https" };
    expect(isHttps(claim)).toBe(false);
    expect(isHttps({ ...claim, [PEER_HEADER]: "secret 203.0.113.7" })).toBe(false);
    expect(isHttps({ ...claim, [PEER_HEADER]: "guess 10.0.0.1" })).toBe(false);
  });

  test("is said by the platform on Vercel", () => {
    const vercel = { NEXTAUTH_URL: undefined, VERCEL: "1" as const };
    expect(isHttps({ "x-forwarded-proto": "https" }, vercel)).toBe(true);
    expect(isHttps({ "x-forwarded-proto": "http" }, vercel)).toBe(false);
  });
});

describe("the stamp on pages", () => {
  /** The policies of a request as a server of this process receives it, and of its response. */
  async function policies(path: string, headers: Record<string, string>) {
    const server = createServer((request, response) =>
      response.end(String(request.headers["content-security-policy"])),
    );
    const port = await listen(server, 0);
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers });
    const request = await answer.text();
    await closeServer(server);
    return { request, response: answer.headers.get("content-security-policy") };
  }
  const page = { accept: "text/html,*/*" };

  test("has the same nonce for Next and for the browser, and each time another one", async () => {
    stampEveryPage(settings);
    const first = await policies("/keys?q=x", page);
    expect(first.request).toContain("'nonce-");
    expect(first.response).toBe(first.request);
    expect((await policies("/keys", page)).request).not.toBe(first.request);
  });

  test.each<[string, string, Record<string, string>]>([
    ["a route handler", "/api/admin/v1/users", page],
    ["the data plane", "/v1/models", page],
    ["a chunk", "/_next/static/chunk.js", page],
    ["a part of a page", "/keys", { ...page, rsc: "1" }],
    ["an action", "/keys", { ...page, "next-action": "id" }],
    ["what is no document", "/keys", { accept: "*/*" }],
  ])("is not on %s, not even if the client sends one", async (_what, path, headers) => {
    const forged = { ...headers, "content-security-policy": "script-src 'nonce-forged'" };
    expect(await policies(path, forged)).toEqual({ request: "undefined", response: null });
  });

  test("keeps proxy.ts, which copies bodies, away from what looks like a page", async () => {
    expect((await policies("/embeddings", page)).request).toContain("'nonce-");
  });
});
