import { beforeAll, describe, expect, test } from "vitest";
import { errorReply } from "#lib/cli/testing/fake-server";
import type { RunOptions } from "#lib/cli/testing/run-here";
import { startTestServer } from "#lib/cli/testing/test-server";

const { server, run } = await startTestServer();
let apiKey: string;
beforeAll(async () => {
  await run(["org", "create", "Acme"]);
  await run(["provider", "create", "pretend", "--type", "simulated"]);
  await run(["model", "create", "first", "--provider", "pretend"]);
  apiKey = (await run(["key", "create", "k", "--org", "Acme"])).out.trim();
});
const chat = (args: readonly string[], options: RunOptions = {}) =>
  run(["chat", ...args], { apiKey, ...options });

const asked = () => server.bodies.get("POST /v1/chat/completions");

describe("chat", () => {
  test("sends its arguments to the first model, and names that model", async () => {
    const { code, out, err } = await chat(["Hello", "there"]);
    expect([code, out]).toEqual([0, 'You said: [{"role":"user","content":"Hello there"}]\n']);
    expect(err).toContain("first");
    expect(asked()).toEqual({ model: "first", messages: [{ role: "user", content: "Hello there" }] });
  });

  test("reads the prompt from stdin without arguments, and in place of a dash", async () => {
    await chat(["--model", "m"], { stdin: "from stdin\n" });
    expect(asked()).toMatchObject({ messages: [{ content: "from stdin" }] });
    await chat(["--model", "m", "Explain:", "-"], { stdin: "x = 1\n" });
    expect(asked()).toMatchObject({ messages: [{ content: "Explain: \n\nx = 1" }] });
    expect((await chat(["--model", "m"], { stdin: " " })).code).toBe(2);
  });

  test("prints the same text when it streams", async () => {
    const whole = await chat(["--model", "m", "Hello"]);
    const streamed = await chat(["--model", "m", "--stream", "Hello"]);
    expect(streamed).toEqual(whole);
    expect(asked()).toMatchObject({ stream: true });
  });

  test("prints the API's JSON, one line per event of a stream", async () => {
    expect(JSON.parse((await chat(["--model", "m", "--json", "Hello"])).out).choices).toHaveLength(1);
    const lines = (await chat(["--model", "m", "--json", "-s", "Hello"])).out.trim().split("\n");
    expect(lines.map((line) => JSON.parse(line).choices.length)).toEqual([1, 1, 1]);
  });

  test("prints the cost on stderr with --cost", async () => {
    expect(await chat(["--model", "m", "--cost", "Hello"])).toMatchObject({ err: "cost: $0.000012\n" });
  });

  test("sends a system message and an output limit", async () => {
    await chat(["--model", "m", "--system", "Be brief.", "--max-tokens", "5", "Hello"]);
    expect(asked()).toEqual({
      model: "m",
      max_completion_tokens: 5,
      messages: [
        { role: "system", content: "Be brief." },
        { role: "user", content: "Hello" },
      ],
    });
  });

  test("keeps the conversation across lines, without messages that failed", async () => {
    const started = chat(["--model", "m", "--interactive"], {
      stdin: "one\ntwo\n/new\nthree\n/exit\nfour\n",
    });
    const { code, out } = await started;
    expect(code).toBe(0);
    expect(out.trim().split("\n")).toHaveLength(3);
    expect(asked()).toMatchObject({ messages: [{ content: "three" }] });

    server.next.push(errorReply(429, "insufficient_quota", "The budget is spent."));
    const rejected = await chat(["--model", "m", "-i"], { stdin: "one\ntwo\n" });
    expect(rejected).toMatchObject({ code: 0, err: expect.stringContaining("The budget is spent.") });
    expect(asked()).toMatchObject({ messages: [{ content: "two" }] });
  });

  test("fails with the gateway's error", async () => {
    server.next.push(errorReply(403, "payment_expired", "The payment has expired."));
    expect(await chat(["--model", "m", "Hello"])).toMatchObject({ code: 3, out: "" });
    server.next.push(errorReply(429, "insufficient_quota", "The budget is spent."));
    expect(await chat(["--model", "m", "Hello"])).toMatchObject({
      code: 1,
      err: "tollgate: The budget is spent.\n",
    });
    expect(await chat(["--key", "wrong", "Hello"])).toMatchObject({
      code: 3,
      err: expect.stringContaining("--key"),
    });
  });

  test("removes control characters for a terminal, and keeps them for a pipe", async () => {
    const answer = { status: 200, body: { choices: [{ message: { content: "a\u001b[2Jb\tc" } }] } };
    server.next.push(answer, answer);
    expect((await chat(["--model", "m", "Hello"], { terminal: true })).out).toBe("a[2Jb\tc\n");
    expect((await chat(["--model", "m", "Hello"])).out).toBe("a\u001b[2Jb\tc\n");
  });
});
