import { request as httpRequest } from "node:http";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type FakeUpstream, startFakeUpstream } from "./fake-upstream";
import { loadProviderAnswers, replay } from "./provider-answers";
import { chat, type Rule, raw } from "./scenario";
import { startFakeUpstreamProcess } from "./upstream-process";

type Answered = { status: number; headers: NodeJS.Dict<string | string[]>; reads: Buffer[]; cut: boolean };

let upstream: FakeUpstream;
async function restart(rules: Rule[] = []): Promise<void> {
  await upstream?.close();
  upstream = await startFakeUpstream({ rules });
}
beforeEach(() => restart());
afterEach(() => upstream.close());

/** Uses Node's client: fetch would decode, follow redirects and join reads. */
function ask(body: object, path = "/chat/completions", signal?: AbortSignal): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(`${upstream.url}${path}`, {
      method: "POST",
      headers: { authorization: "Bearer the-key" },
      agent: false,
      signal,
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

const textOf = (answer: Answered) => Buffer.concat(answer.reads).toString();
const eventsOf = (text: string) => text.split("\n\n").filter((event) => event !== "");
const stream = (model: string, more = {}) => ask({ model, messages: [], stream: true, ...more });

const endsAs = (ending: string) => expect.poll(() => upstream.requests[0]?.ending).toBe(ending);

describe("the fake upstream", () => {
  test("answers any model immediately, with usage", async () => {
    const answered = await ask({ model: "whatever", messages: [] });
    expect(JSON.parse(textOf(answered))).toMatchObject({
      model: "whatever",
      choices: [{ message: { content: "Hello from the fake upstream." } }],
      usage: { prompt_tokens: 9, completion_tokens: 5, total_tokens: 14 },
    });
  });

  test("streams the given number of chunks, and usage only on request", async () => {
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

  test("draws an answer's length, stops at the request's limit, and reports the usage of what it sent", async () => {
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

  test("encodes whole and streamed answers", async () => {
    const whole = await ask({ model: "brotli", messages: [] });
    expect(whole.headers["content-encoding"]).toBe("br");
    expect(brotliDecompressSync(Buffer.concat(whole.reads)).toString()).toContain("word9");
    const streamed = await stream("gzip");
    expect(gunzipSync(Buffer.concat(streamed.reads)).toString()).toMatch(/^data: .+\[DONE\]\n\n$/s);
  });

  test("splits characters between writes and loses none", async () => {
    const answered = await stream("multibyte-split");
    expect(answered.reads.length).toBeGreaterThan(100);
    expect(answered.reads.some((read) => read.toString().includes("\uFFFD"))).toBe(true);
    expect(textOf(answered)).toContain("👩‍👩‍👧");
  });

  test.each(["close-mid-stream", "close-after-head"])("%s breaks the connection", async (model) => {
    const answered = await stream(model);
    expect(answered).toMatchObject({ status: 200, cut: true });
    expect(textOf(answered)).not.toContain("[DONE]");
    await endsAs("cut");
  });

  test("resets the connection, even with unread bytes", async () => {
    const cut = await stream("reset-mid-stream").then(
      (answered) => answered.cut,
      () => true,
    );
    expect(cut).toBe(true);
    await endsAs("cut");
  });

  test("sends what comes before the fault", async () => {
    expect(eventsOf(textOf(await stream("close-mid-stream")))).toHaveLength(4);
    const body = await ask({ model: "close-mid-body", messages: [] });
    expect(textOf(body)).toHaveLength(200);
    expect(body.cut).toBe(true);
  });

  test("ends a stream correctly, but too early", async () => {
    const answered = await stream("end-mid-stream");
    expect(answered.cut).toBe(false);
    expect(eventsOf(textOf(answered))).toHaveLength(4);
  });

  test.each(["close-before-head", "reset-before-head"])("%s gives no answer", async (model) => {
    await expect(ask({ model, messages: [] })).rejects.toThrow();
  });

  test.each(["stall-before-head", "stall-mid-stream", "endless"])(
    "%s lasts until the client disconnects, and records that",
    async (model) => {
      const abort = new AbortController();
      const asking = ask({ model, messages: [], stream: true }, undefined, abort.signal);
      asking.catch(() => {});
      await expect.poll(() => upstream.requests[0]?.body).toMatchObject({ model });
      await new Promise((later) => setTimeout(later, 50));
      expect(upstream.requests[0]).toMatchObject({ ending: "open", endedAtMs: null });
      abort.abort();
      await endsAs("client_gone");
      expect(upstream.requests[0]?.endedAtMs).toBeGreaterThan(0);
    },
  );

  test("prefers its rules to model names, and uses the answers of a rule in turn", async () => {
    await restart([{ model: "flaky", scenario: [raw(500, {}, "no"), chat({ text: "yes" })] }]);
    expect((await ask({ model: "flaky" })).status).toBe(500);
    expect(textOf(await ask({ model: "flaky" }))).toContain("yes");
    expect((await ask({ model: "flaky" })).status).toBe(200);
  });

  test("quotes the credential in an error, as providers do, and records the request", async () => {
    const answered = await ask({ model: "status-401", messages: [] });
    expect(answered.status).toBe(401);
    expect(textOf(answered)).toContain("the-key");
    expect(upstream.requests[0]).toMatchObject({
      method: "POST",
      path: "/v1/chat/completions",
      headers: { authorization: "Bearer the-key" },
      body: { model: "status-401" },
      ending: "answered",
    });
  });

  test("answers 404 for an unknown path", async () => {
    expect((await ask({}, "/nothing")).status).toBe(404);
  });

  test("runs as a process, and keeps what a provider would bill if asked to", async () => {
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
      expect((await own.bills()).get("id")).toMatchObject({ calls: 2, outputTokens: 5 });
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
      const answered = await ask({ ...request.body, ...added }, request.path.slice("/v1".length));
      expect(answered).toMatchObject({ status: response.status, headers: response.headers });
      expect(textOf(answered)).toBe(response.body);
    }
  },
);
