import type { RequestListener } from "node:http";
import { describe, expect, test } from "vitest";
import {
  type ListBounds,
  listAnthropicModels,
  listModelPages,
  listOpenAiModels,
  ModelsUnavailable,
} from "./models-list";
import { agent, failure, serve } from "./testing/exchange-harness";
import { testTarget } from "./testing/target";

const KEY = "sk-secret-0123456789";

/** Serves one answer to everything, and records what was asked. */
async function provider(status: number, text: string | ((url: string) => string)) {
  const requests: { line: string; key: unknown }[] = [];
  const listener: RequestListener = ({ method, url = "", headers }, response) => {
    requests.push({ line: `${method} ${url}`, key: headers.authorization ?? headers["x-api-key"] });
    response.writeHead(status).end(typeof text === "string" ? text : text(url));
  };
  return { baseUrl: await serve(listener), requests };
}

const openAiLike = (baseUrl: string) =>
  listOpenAiModels(agent(), testTarget({ type: "openai-compatible", baseUrl, apiKey: KEY }));
const anthropic = (baseUrl: string) =>
  listAnthropicModels(agent(), testTarget({ type: "anthropic", baseUrl, apiKey: KEY }));

describe("an API like OpenAI's", () => {
  test("is asked once, with the credentials", async () => {
    const { baseUrl, requests } = await provider(200, '{"object":"list","data":[{"id":"gpt-5"}]}');
    expect(await openAiLike(baseUrl)).toEqual([{ id: "gpt-5" }]);
    expect(requests).toEqual([{ line: "GET /v1/models", key: `Bearer ${KEY}` }]);
  });

  test.each([
    [
      "Groq",
      { id: "m", context_window: 131_072, max_completion_tokens: 8192 },
      { id: "m", contextWindow: 131_072, maxOutputTokens: 8192 },
    ],
    [
      "OpenRouter",
      { id: "a/m", name: "A: M", context_length: 200_000, top_provider: { max_completion_tokens: 64_000 } },
      { id: "a/m", name: "A: M", contextWindow: 200_000, maxOutputTokens: 64_000 },
    ],
    [
      "Together",
      { id: "m", display_name: "The M", context_length: 2048 },
      { id: "m", name: "The M", contextWindow: 2048 },
    ],
    ["Mistral", { id: "m", name: "m", max_context_length: 32_768 }, { id: "m", contextWindow: 32_768 }],
    ["vLLM", { id: "m", max_model_len: 4096 }, { id: "m", contextWindow: 4096 }],
    ["nothing that is a number", { id: "m", context_window: "8k", max_completion_tokens: null }, { id: "m" }],
  ])("says what %s says of a model", async (_, entry, expected) => {
    expect(await openAiLike((await provider(200, JSON.stringify({ data: [entry] }))).baseUrl)).toEqual([
      expected,
    ]);
  });

  test("may answer with a plain list, with repeated and nameless entries", async () => {
    const entries = [{ id: "b" }, { id: "a" }, { id: "b", name: "again" }, { id: "" }, { id: 1 }, null, "c"];
    const { baseUrl } = await provider(200, JSON.stringify(entries));
    expect(await openAiLike(baseUrl)).toEqual([{ id: "b" }, { id: "a" }]);
  });

  test("cannot return our credentials", async () => {
    const { baseUrl } = await provider(200, JSON.stringify({ data: [{ id: `for-${KEY}` }] }));
    expect(await openAiLike(baseUrl)).toEqual([{ id: "for-[hidden]" }]);
  });
});

describe("Anthropic's API", () => {
  const page = (ids: string[], hasMore: boolean) =>
    JSON.stringify({
      data: ids.map((id) => ({
        type: "model",
        id,
        display_name: `Claude ${id}`,
        max_input_tokens: 200_000,
        max_tokens: 64_000,
      })),
      has_more: hasMore,
      last_id: ids.at(-1) ?? null,
    });

  test("is read page by page", async () => {
    const { baseUrl, requests } = await provider(200, (url) =>
      url.includes("after_id") ? page(["c"], false) : page(["a", "b/2"], true),
    );
    const facts = { contextWindow: 200_000, maxOutputTokens: 64_000 };
    expect(await anthropic(baseUrl)).toEqual([
      { id: "a", name: "Claude a", ...facts },
      { id: "b/2", name: "Claude b/2", ...facts },
      { id: "c", name: "Claude c", ...facts },
    ]);
    expect(requests).toEqual([
      { line: "GET /v1/models?limit=1000", key: KEY },
      { line: "GET /v1/models?limit=1000&after_id=b%2F2", key: KEY },
    ]);
  });

  test("is not read for ever", async () => {
    const { baseUrl, requests } = await provider(200, page(["a"], true));
    expect(await failure(anthropic(baseUrl))).toMatchObject({
      name: "ModelsUnavailable",
      message: "The provider's list has more than 20 pages.",
    });
    expect(requests).toHaveLength(20);
  });
});

describe("a list that cannot be read", () => {
  test.each([
    [401, `{"error":{"message":"Incorrect API key provided: ${KEY}."}}`, /credentials.*401.*\[hidden\]/],
    [403, '{"message":"Not yours"}', /credentials \(status 403\): Not yours$/],
    [429, '{"error":"Slow down"}', /quota.*Slow down$/],
    [500, "<html>oops</html>", /status 500$/],
    [302, "", /redirects to another URL/],
    [404, "{}", /no list of its models.*\/v1/],
    [200, "<html>Welcome</html>", /did not answer with JSON/],
    [200, '{"models":"many"}', /no list of models/],
  ])("is reported: %i %s", async (status, text, words) => {
    const error = await failure(openAiLike((await provider(status, text)).baseUrl));
    expect(error).toBeInstanceOf(ModelsUnavailable);
    expect(error).toMatchObject({ message: expect.stringMatching(words), timedOut: false });
    expect(String(error)).not.toContain("secret");
  });

  test("is reported for a closed port and a forbidden address", async () => {
    expect(await failure(openAiLike("http://127.0.0.1:1/v1"))).toMatchObject({
      message: expect.stringContaining("could not be reached (ECONNREFUSED)"),
    });
    expect(await failure(openAiLike("http://169.254.169.254/v1"))).toMatchObject({
      message: "Tollgate does not connect to this address.",
    });
  });

  const within = (baseUrl: string, change: Partial<ListBounds>) =>
    listModelPages(
      agent(),
      testTarget({ baseUrl }),
      {
        headers: [],
        firstPath: "models",
        nextPath: () => "models",
        maxOutput: [],
        names: [],
        entries: "data",
        id: "id",
      },
      { deadlineMs: 5000, pageBytes: 1024, pages: 3, ...change },
    );

  test("is reported when the provider does not answer in time, over all pages together", async () => {
    const silent = await serve(() => {});
    expect(await failure(within(silent, { deadlineMs: 50 }))).toMatchObject({
      message: "The provider did not answer within 0.05 seconds.",
      timedOut: true,
    });
    const slow = await serve((_request, response) => {
      setTimeout(() => response.end('{"data":[]}'), 40);
    });
    expect(await failure(within(slow, { deadlineMs: 100, pages: 1000 }))).toMatchObject({ timedOut: true });
  });

  test("is reported when it is too large", async () => {
    const endless = await serve((_request, response) => {
      const more = () => response.write(" ".repeat(65_536), () => response.destroyed || more());
      more();
    });
    expect(await failure(within(endless, { pageBytes: 1024 * 1024 }))).toMatchObject({
      message: "The provider's list is larger than 1 MiB.",
    });
  });
});
