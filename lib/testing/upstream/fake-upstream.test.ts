import { request as httpRequest } from "node:http";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type FakeUpstream, startFakeUpstream } from "./fake-upstream";
import { loadProviderAnswers, replay } from "./provider-answers";
import { chat, type Rule, raw } from "./scenario";
import { startFakeUpstreamProcess } from "./upstream-process";

type Heard = { status: number; headers: NodeJS.Dict<string | string[]>; reads: Buffer[]; cut: boolean };

let upstream: FakeUpstream;
async function restart(rules: Rule[] = []): Promise<void> {
  await upstream?.close();
  upstream = await startFakeUpstream({ rules });
}
beforeEach(() => restart());
afterEach(() => upstream.close());

/** Node's own client, since fetch would decode, follow redirects and join reads. */
function ask(body: object, path = "/chat/completions", patience?: AbortSignal): Promise<Heard> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(`${upstream.url}${path}`, {
      method: "POST",
      headers: { authorization: "Bearer the-key" },
      agent: false,
      ...(patience ? { signal: patience } : {}),
    });
    request.on("error", reject);
    request.on("response", (response) => {
      const reads: Buffer[] = [];
      response.on("data", (bytes: Buffer) => reads.push(bytes));
      response.on("error", () => {});
      response.on("close", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          reads,
          cut: !response.complete,
        }),
      );
    });
    request.end(JSON.stringify(body));
  });
}

const textOf = (heard: Heard) => Buffer.concat(heard.reads).toString();
const eventsOf = (text: string) => text.split("\n\n").filter((event) => event !== "");
const stream = (model: string, more = {}) => ask({ model, messages: [], stream: true, ...more });

describe("the fake upstream", () => {
  test("answers any model at once, with usage", async () => {
    const heard = await ask({ model: "whatever", messages: [] });
    expect(JSON.parse(textOf(heard))).toMatchObject({
      model: "whatever",
      choices: [{ message: { content: "Hello from the fake upstream." } }],
      usage: { prompt_tokens: 9, completion_tokens: 5, total_tokens: 14 },
    });
  });

  test("streams the chunks it was told, and usage only to those who ask", async () => {
    const plain = eventsOf(textOf(await stream("stream-100")));
    expect(plain).toHaveLength(1 + 100 + 1 + 1);
    expect(plain.join()).not.toContain("usage");
    const asking = eventsOf(textOf(await stream("stream-100", { stream_options: { include_usage: true } })));
    expect(asking.at(-1)).toBe("data: [DONE]");
    expect(JSON.parse((asking.at(-2) ?? "").slice("data: ".length))).toMatchObject({
      choices: [],
      usage: { completion_tokens: 100 },
    });
  });

  test("draws an answer's length anew, and ends it where the request says, with the usage of what it sent", async () => {
    const read = async (fields: object) => JSON.parse(textOf(await ask({ model: "metered", ...fields })));
    const wordsIn = (answer: { choices: { message: { content: string } }[] }) =>
      answer.choices[0]?.message.content.split(" ").length;
    const answers = [await read({}), await read({ max_tokens: 64_000 }), await read({ max_tokens: null })];
    for (const answer of answers) {
      expect(answer.usage.completion_tokens).toBe(wordsIn(answer));
      expect(answer.usage.completion_tokens).toBeGreaterThanOrEqual(50);
      expect(answer.choices[0].finish_reason).toBe("stop");
    }
    const cut = await read({ max_completion_tokens: 20 });
    expect(cut).toMatchObject({ choices: [{ finish_reason: "length" }], usage: { completion_tokens: 20 } });
    expect(wordsIn(cut)).toBe(20);
    const streamed = eventsOf(textOf(await stream("metered", { max_tokens: 20 })));
    expect(streamed).toHaveLength(1 + 20 + 1 + 1);
    expect(streamed.at(-2)).toContain('"finish_reason":"length"');
  });

  test("encodes, whole and streamed", async () => {
    const whole = await ask({ model: "brotli", messages: [] });
    expect(whole.headers["content-encoding"]).toBe("br");
    expect(brotliDecompressSync(Buffer.concat(whole.reads)).toString()).toContain("word9");
    const streamed = await stream("gzip");
    expect(gunzipSync(Buffer.concat(streamed.reads)).toString()).toMatch(/^data: .+\[DONE\]\n\n$/s);
  });

  test("cuts characters apart and loses none", async () => {
    const heard = await stream("multibyte-split");
    expect(heard.reads.length).toBeGreaterThan(100);
    expect(heard.reads.some((read) => read.toString().includes("\uFFFD"))).toBe(true);
    expect(textOf(heard)).toContain("👩‍👩‍👧");
  });

  test.each(["close-mid-stream", "close-after-head"])("%s breaks off", async (model) => {
    const heard = await stream(model);
    expect(heard).toMatchObject({ status: 200, cut: true });
    expect(textOf(heard)).not.toContain("[DONE]");
    await vi.waitFor(() => expect(upstream.requests[0]).toMatchObject({ ending: "cut" }), {
      timeout: 10_000,
    });
  });

  test("resets the connection, even of what was not read yet", async () => {
    const cut = await stream("reset-mid-stream").then(
      (heard) => heard.cut,
      () => true,
    );
    expect(cut).toBe(true);
    await vi.waitFor(() => expect(upstream.requests[0]).toMatchObject({ ending: "cut" }), {
      timeout: 10_000,
    });
  });

  test("sends what came before the fault", async () => {
    expect(eventsOf(textOf(await stream("close-mid-stream")))).toHaveLength(4);
    const body = await ask({ model: "close-mid-body", messages: [] });
    expect(textOf(body)).toHaveLength(200);
    expect(body.cut).toBe(true);
  });

  test("ends a stream in good order, yet too early", async () => {
    const heard = await stream("end-mid-stream");
    expect(heard.cut).toBe(false);
    expect(eventsOf(textOf(heard))).toHaveLength(4);
  });

  test.each(["close-before-head", "reset-before-head"])("%s gives no answer at all", async (model) => {
    await expect(ask({ model, messages: [] })).rejects.toThrow();
  });

  test.each(["stall-before-head", "stall-mid-stream", "endless"])(
    "%s lasts until the client goes, and notes that it went",
    async (model) => {
      const impatience = new AbortController();
      const asking = ask({ model, messages: [], stream: true }, undefined, impatience.signal);
      asking.catch(() => {});
      await vi.waitFor(() => expect(upstream.requests[0]?.body).toMatchObject({ model }), {
        timeout: 10_000,
      });
      await new Promise((later) => setTimeout(later, 50));
      expect(upstream.requests[0]).toMatchObject({ ending: "open", endedAtMs: null });
      impatience.abort();
      await vi.waitFor(() => expect(upstream.requests[0]).toMatchObject({ ending: "client_gone" }), {
        timeout: 10_000,
      });
      expect(upstream.requests[0]?.endedAtMs).toBeGreaterThan(0);
    },
  );

  test("follows its rules before the names, in turn where a rule has several answers", async () => {
    await restart([{ model: "flaky", scenario: [raw(500, {}, "no"), chat({ text: "yes" })] }]);
    expect((await ask({ model: "flaky" })).status).toBe(500);
    expect(textOf(await ask({ model: "flaky" }))).toContain("yes");
    expect((await ask({ model: "flaky" })).status).toBe(200);
  });

  test("quotes the credential in a refusal, as providers do, and records what it was sent", async () => {
    const heard = await ask({ model: "status-401", messages: [] });
    expect(heard.status).toBe(401);
    expect(textOf(heard)).toContain("the-key");
    expect(upstream.requests[0]).toMatchObject({
      method: "POST",
      path: "/v1/chat/completions",
      headers: { authorization: "Bearer the-key" },
      body: { model: "status-401" },
      ending: "answered",
    });
  });

  test("answers 404 where nothing is", async () => {
    expect((await ask({}, "/nothing")).status).toBe(404);
  });

  test("runs as a process of its own, which keeps what a provider bills by where it is wanted", async () => {
    const own = await startFakeUpstreamProcess({ bill: true });
    const post = (model: string) =>
      fetch(`${own.url}/chat/completions`, {
        method: "POST",
        headers: { "x-request-id": "id" },
        body: JSON.stringify({ model }),
      });
    try {
      expect((await post("m")).status).toBe(200);
      await post("status-500");
      expect(await own.requests()).toMatchObject([
        { body: { model: "m" } },
        { body: { model: "status-500" } },
      ]);
      expect(await own.bills()).toEqual(new Map([["id", { calls: 2, outputTokens: 5 }]]));
    } finally {
      await own.close();
    }
  });
});

test.each(loadProviderAnswers())(
  "replays $name to its request, with and without added fields",
  async (answer) => {
    await restart(replay(loadProviderAnswers()));
    const { request, response } = answer;
    for (const added of [{}, { user: "added", stream_options: { include_usage: true } }]) {
      const heard = await ask({ ...request.body, ...added }, request.path.slice("/v1".length));
      expect(heard).toMatchObject({ status: response.status, headers: response.headers });
      expect(textOf(heard)).toBe(response.body);
    }
  },
);
