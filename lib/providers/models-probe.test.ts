import type { IncomingHttpHeaders, RequestListener } from "node:http";
import { describe, expect, test } from "vitest";
import { probeAnthropic, probeOpenAi, probeWithin } from "./models-probe";
import { agent, serve } from "./testing/exchange-harness";
import { testTarget } from "./testing/target";

const KEY = "sk-secret-0123456789";
const at = (baseUrl: string, apiKey: string | null = null) => testTarget({ baseUrl, apiKey });

/** Serves paths below /v1 with a status and a body, and records the requests. */
async function provider(answers: Record<string, [number, string]>) {
  const requests: { line: string; authorization: string | undefined; body: string }[] = [];
  const listener: RequestListener = async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    requests.push({
      line: `${request.method} ${request.url}`,
      authorization: request.headers.authorization,
      body,
    });
    const [status, text] = answers[`${request.method} ${request.url}`] ?? [404, '{"error":"no such path"}'];
    response.writeHead(status, { location: "https://elsewhere.example/" }).end(text);
  };
  const baseUrl = await serve(listener);
  return { requests, test: (apiKey: string | null = KEY) => probeOpenAi(agent(), at(baseUrl, apiKey)) };
}
const models = (status: number, text: string) => provider({ "GET /v1/models": [status, text] });

describe("probeOpenAi", () => {
  test("reports a provider that lists its models as healthy", async () => {
    const { requests, test } = await models(200, '{"object":"list","data":[]}');
    expect(await test()).toEqual({ latencyMs: expect.any(Number), error: null });
    expect(requests).toEqual([{ line: "GET /v1/models", authorization: `Bearer ${KEY}`, body: "" }]);
    expect((await test(null)).error).toBeNull();
    expect(requests.at(-1)?.authorization).toBeUndefined();
  });

  test("sends an empty request, to be rejected, to one without a list", async () => {
    for (const status of [400, 422, 200]) {
      const { requests, test } = await provider({ "POST /v1/chat/completions": [status, "{}"] });
      expect((await test()).error).toBeNull();
      expect(requests.map(({ line, body }) => [line, body])).toEqual([
        ["GET /v1/models", ""],
        ["POST /v1/chat/completions", "{}"],
      ]);
    }
    const { test } = await provider({ "POST /v1/chat/completions": [401, "{}"] });
    expect((await test()).error).toMatch(/rejected the credentials \(status 401\)$/);
  });

  test.each([
    [401, `{"error":{"message":"Incorrect API key provided: ${KEY}."}}`, /credentials.*\[hidden\]/],
    [403, '{"message":"Not yours"}', /credentials \(status 403\): Not yours$/],
    [429, '{"error":"Slow down"}', /quota.*Slow down$/],
    [500, "<html>oops</html>", /status 500$/],
    [301, "", /redirects to another URL/],
    [200, "<html>Welcome</html>", /did not answer with JSON/],
  ])("reports %i %s without the credentials", async (status, text, words) => {
    const { error } = await (await models(status, text)).test();
    expect(error).toMatch(words);
    expect(error).not.toContain("secret");
  });

  test("reports a base URL that serves no API", async () => {
    expect((await (await provider({})).test()).error).toMatch(/base URL \(status 404\).*\/v1/);
  });

  test("reports a closed port and a forbidden address", async () => {
    const refused = await probeOpenAi(agent(), at("http://127.0.0.1:1/v1"));
    expect(refused.error).toMatch(/could not be reached \(ECONNREFUSED\)/);
    for (const baseUrl of ["http://169.254.169.254/v1", "http://[fe80::1]/v1"]) {
      expect((await probeOpenAi(agent(), at(baseUrl, KEY))).error).toBe(
        "Tollgate does not connect to this address.",
      );
    }
    const { test } = await models(200, "{}");
    expect((await test()).error).toBeNull();
    const blocked = await probeOpenAi(agent({ blockPrivate: true }), at("http://127.0.0.1:1/v1"));
    expect(blocked.error).toBe("Tollgate does not connect to this address.");
  });

  test("gives up when a provider does not answer", async () => {
    const baseUrl = await serve(() => {});
    const { error, latencyMs } = await probeWithin(agent(), at(baseUrl, KEY), 50);
    expect(error).toBe("The provider did not answer within 0.05 seconds.");
    expect(latencyMs).toBeGreaterThanOrEqual(50);
  });

  test("reads only the start of an endless answer", async () => {
    const baseUrl = await serve((_request, response) => {
      response.writeHead(200);
      const more = () => response.write(`[${" ".repeat(65_536)}`, () => response.destroyed || more());
      more();
    });
    expect((await probeOpenAi(agent(), at(baseUrl, KEY))).error).toBeNull();
  });
});

test("Anthropic's models are listed with its own headers", async () => {
  const seen: IncomingHttpHeaders[] = [];
  const lines: string[] = [];
  const baseUrl = await serve(({ method, url, headers }, response) => {
    seen.push(headers);
    lines.push(`${method} ${url}`);
    response.writeHead(url?.endsWith("/models") ? 404 : 400).end("{}");
  });
  const target = testTarget({ type: "anthropic", baseUrl, apiKey: KEY });
  expect(await probeAnthropic(agent(), target)).toMatchObject({ error: null });
  expect(lines).toEqual(["GET /v1/models", "POST /v1/messages"]);
  for (const headers of seen) {
    expect(headers).toMatchObject({ "x-api-key": KEY, "anthropic-version": "2023-06-01" });
    expect(headers).not.toHaveProperty("authorization");
  }
});
