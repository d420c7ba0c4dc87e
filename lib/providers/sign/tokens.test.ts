import { afterEach, describe, expect, test, vi } from "vitest";
import { connections, failure } from "#lib/providers/testing/exchange-harness";
import { redirected, serveTokens } from "#lib/providers/testing/token-host";
import { tokenSigner } from "./tokens";

const HOST = "https://tokens.example";
const REQUEST = { method: "POST", origin: "https://x", path: "/", contentType: null, body: "" } as const;

afterEach(() => vi.useRealTimers());

/** A signer of its own, whose server issues numbered tokens that last an hour unless `answer` says otherwise. */
async function signer(answer: (number: number) => [number, object] = issued) {
  vi.useFakeTimers({ toFake: ["performance"] });
  const server = await serveTokens(() => answer(server.asked.length));
  const { agent } = redirected(connections(), HOST, server.url);
  const request = () => ({ url: `${HOST}/token`, form: { grant_type: "test", secret: "s" } });
  const made = () => tokenSigner([server.url], request);
  const token = async () => (await made().sign(REQUEST, agent))[1];
  return { ...server, made, token };
}
const issued = (number: number): [number, object] => [
  200,
  { access_token: `token-${number}`, expires_in: 3600 },
];
const advance = (minutes: number) => vi.advanceTimersByTime(minutes * 60_000);

describe("a token", () => {
  test("is fetched once for requests at the same time, and for signers with the same credentials", async () => {
    const { token, asked } = await signer();
    expect(await Promise.all([token(), token(), token()])).toEqual(Array(3).fill("Bearer token-1"));
    advance(50);
    expect(await token()).toBe("Bearer token-1");
    expect(asked).toEqual([{ url: "/token", form: { grant_type: "test", secret: "s" } }]);
  });

  test("is renewed before it expires, while requests go on with the old one", async () => {
    const { token, asked } = await signer();
    await token();
    advance(56);
    expect(await token()).toBe("Bearer token-1");
    await vi.waitFor(async () => expect(await token()).toBe("Bearer token-2"));
    expect(asked).toHaveLength(2);
  });

  test("that has expired is not used", async () => {
    const { token } = await signer();
    await token();
    advance(60);
    expect(await token()).toBe("Bearer token-2");
  });

  test("stays in use if it cannot be renewed yet", async () => {
    const { token } = await signer((number) => (number === 1 ? issued(1) : [503, {}]));
    await token();
    advance(56);
    expect(await token()).toBe("Bearer token-1");
    advance(4);
    expect(String(await failure(token()))).toContain("status 503");
  });

  test("without a lifetime lasts an hour, and one with a strange lifetime is used once", async () => {
    const { token } = await signer((number) => [200, { access_token: `token-${number}` }]);
    await token();
    advance(54);
    expect(await token()).toBe("Bearer token-1");
    const strange = await signer((number) => [200, { access_token: `token-${number}`, expires_in: "soon" }]);
    expect([await strange.token(), await strange.token()]).toEqual(["Bearer token-1", "Bearer token-2"]);
  });

  test("that a provider rejects is renewed, unless it has only just been issued", async () => {
    const { made, token } = await signer();
    await token();
    expect(made().renew(["authorization", "Bearer token-1"])).toBe(false);
    advance(1);
    expect(made().renew(["authorization", "Bearer token-1"])).toBe(true);
    expect(await token()).toBe("Bearer token-2");
    // A request that was sent with the old token comes back late.
    expect(made().renew(["authorization", "Bearer token-1"])).toBe(true);
    expect(await token()).toBe("Bearer token-2");
  });

  test("is known to be secret, with the one before it", async () => {
    const { made, token } = await signer();
    expect(made().secrets()).toEqual([]);
    for (let hours = 0; hours < 3; hours++) {
      await token();
      advance(60);
    }
    expect(made().secrets()).toEqual(["token-3", "token-2"]);
  });
});

describe("a token server", () => {
  test.each<[string, number, object]>([
    ["an error", 400, { error: "invalid_client", error_description: "AADSTS7000215: secret s is wrong" }],
    ["an error with a strange code", 401, { error: "secret: s" }],
    ["no token", 200, { expires_in: 10 }],
    ["a token that is no header value", 200, { access_token: "a\r\nx-evil: b" }],
    ["a redirect", 302, {}],
  ])("that answers with %s fails the request, without what it said", async (_, status, fields) => {
    const { token } = await signer(() => [status, fields]);
    const error = await failure(token());
    expect(error).toMatchObject({ name: "UpstreamUnreachable", dispatched: false });
    expect(String(error)).toMatch(
      /^UpstreamUnreachable: The provider's token server issued no token \(status \d+(?:, invalid_client)?\)$/,
    );
  });

  test("that cannot be reached is named without its address", async () => {
    const { agent } = redirected(connections(), HOST, "http://127.0.0.1:1");
    const request = () => ({ url: `${HOST}/token`, form: {} });
    const error = await failure(tokenSigner(["none"], request).sign(REQUEST, agent));
    expect(String(error)).toBe("UpstreamUnreachable: The provider's token server could not be reached");
    expect(String(error instanceof Error ? error.cause : "")).toBe("Error: ECONNREFUSED");
  });
});
