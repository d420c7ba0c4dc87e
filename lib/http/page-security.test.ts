import { describe, expect, test } from "vitest";
import { httpsReader, pagePolicy } from "./page-security";
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
    const [scripts] = /script-src [^;]*/.exec(pagePolicy("bm9uY2U=", false)) ?? [];
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
