import { randomBytes } from "node:crypto";
import Anthropic from "@anthropic-ai/sdk";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { log } from "#lib/observability/log";
import { HOSTED_WHOLE } from "#lib/providers/testing/hosted-claude";
import type { Connections } from "#lib/providers/upstream-agent";
import { becomes, type StoredProvider } from "./move-provider";
import { testGateway } from "./test-gateway";
import { leaveBudget, MICRODOLLAR_RATES } from "./user-budget";

/** A cloud that hosts Claude, as a strict server of the test. */
export type HostedCloud = {
  stored: StoredProvider;
  over: Connections;
  /** What it streams, as a client gets it. */
  stream: string;
  /** What it adds to the body of a message. */
  adds: object;
  /** Whether it takes `stream` in the body. */
  hasStreamField: boolean;
  /** The body of its last request. */
  lastBody: () => unknown;
  /** What it was given by an administrator, and what it gave in return. */
  secrets: () => readonly string[];
};

const COUNTED = {
  status: "settled",
  endpoint: "messages",
  input_tokens: "150",
  cached_tokens: "50",
  output_tokens: "15",
  usage_source: "provider",
};
const messages = [{ role: "user", content: "Hello!" }];

/** Tests of messages to Claude on a cloud, from the hold to the settlement. */
export async function describeHostedClaude(
  name: string,
  upstreamModel: string,
  start: () => Promise<HostedCloud>,
): Promise<void> {
  const encryptionKey = randomBytes(32).toString("base64");
  const model = { name: "claude", upstreamModel, rates: MICRODOLLAR_RATES, contextWindow: 200_000 };
  const gate = await testGateway({ models: [model], encryptionKey });
  let cloud: HostedCloud;
  beforeEach(async () => {
    cloud = await start();
    await becomes(gate, encryptionKey, cloud.stored, cloud.over);
  });
  const post = (fields: object = {}, headers: Record<string, string> = {}) =>
    gate.post("messages", { model: "claude", max_tokens: 50, messages, ...fields }, headers);

  describe(name, () => {
    test("is held, metered and settled under a hard budget, and answers byte for byte", async () => {
      await leaveBudget(gate, "0.002");
      const answered = await post({ max_tokens: 50_000 });
      expect(await answered.text()).toBe(HOSTED_WHOLE);
      const lowered = Number(answered.headers.get("x-tollgate-max-tokens"));
      expect(lowered).toBeGreaterThan(100);
      expect(lowered).toBeLessThan(2_000);
      expect(cloud.lastBody()).toEqual({ max_tokens: lowered, messages, ...cloud.adds });
      expect(await gate.rowOf(answered)).toMatchObject({ ...COUNTED, stream: false });
      const streamed = await post({ stream: true });
      expect(await streamed.text()).toBe(cloud.stream);
      const stream = cloud.hasStreamField ? { stream: true } : {};
      expect(cloud.lastBody()).toEqual({ max_tokens: 50, messages, ...stream, ...cloud.adds });
      expect(await gate.rowOf(streamed)).toMatchObject({ ...COUNTED, stream: true, error_code: null });
      await leaveBudget(gate, "0");
      expect((await post()).status).toBe(429);
      await leaveBudget(gate, null);
    });

    test("serves Anthropic's own client", async () => {
      const baseURL = gate.url.replace(/\/v1$/, "");
      const client = new Anthropic({ baseURL, apiKey: gate.seeded.apiKey, maxRetries: 0 });
      const asked = { model: "claude", max_tokens: 50, messages: [{ role: "user" as const, content: "Hi" }] };
      const whole = await client.messages.create(asked);
      const streamed = await client.messages.stream(asked).finalMessage();
      for (const { content, usage } of [whole, streamed]) {
        expect(content).toMatchObject([{ type: "text", text: "Hello! 🚀" }]);
        expect(usage).toMatchObject({ input_tokens: 100, output_tokens: 15 });
      }
      const { input_tokens } = await client.messages.countTokens({
        model: "claude",
        messages: asked.messages,
      });
      expect(input_tokens).toBeGreaterThan(5);
    });

    test("gets no beta that it does not know, and names what is left out", async () => {
      const betas = "fast-mode-2026-02-01,interleaved-thinking-2025-05-14,context-1m-2025-08-07";
      const answered = await post({}, { "anthropic-beta": betas, "anthropic-version": "2026-07-01" });
      expect(answered.status).toBe(200);
      expect(answered.headers.get("x-tollgate-dropped")).toBe(
        "anthropic-beta:fast-mode-2026-02-01,anthropic-beta:context-1m-2025-08-07",
      );
    });

    test("says in Anthropic's words what it rejects, and is not charged for it", async () => {
      const answered = await post({ surprise: {} });
      expect(answered.status).toBe(400);
      expect(await answered.json()).toMatchObject({
        type: "error",
        error: { type: "invalid_request_error", message: "surprise: Extra inputs are not permitted" },
      });
      expect(await gate.rowOf(answered)).toMatchObject({ status: "released" });
    });

    test("answers chat completions and responses, translated in the same envelope", async () => {
      const whole = await gate.chat({ model: "claude", messages, max_tokens: 50 });
      expect(await whole.json()).toMatchObject({
        choices: [{ message: { content: "Hello! 🚀" }, finish_reason: "stop" }],
      });
      expect(cloud.lastBody()).toMatchObject({ max_tokens: 50, ...cloud.adds });
      const streamed = await gate.chat({ model: "claude", messages, max_tokens: 50, stream: true });
      expect(await streamed.text()).toContain('"content":"Hello! 🚀"');
      const response = await gate.post("responses", {
        model: "claude",
        input: "Hello!",
        max_output_tokens: 50,
      });
      expect(await response.json()).toMatchObject({ status: "completed" });
      for (const [answered, endpoint] of [
        [whole, "chat/completions"],
        [streamed, "chat/completions"],
        [response, "responses"],
      ] as const)
        expect(await gate.rowOf(answered)).toMatchObject({ ...COUNTED, endpoint });
      expect((await gate.post("completions", { model: "claude", prompt: "Hi" })).status).toBe(404);
    });

    test("keeps our credentials to itself, in what it answers, in the log and in the ledger", async () => {
      const logged = vi.spyOn(log, "warn");
      const secrets = cloud.secrets();
      const quoted = await post({ metadata: { user_id: `quote ${secrets.join(" ")}` } });
      const { gateway } = gate;
      const { exchange } = gateway;
      gateway.exchange = (call) =>
        exchange({ ...call, target: { ...call.target, baseUrl: "http://127.0.0.1:1" } });
      const unreachable = await post();
      gateway.exchange = exchange;
      expect([quoted.status, unreachable.status]).toEqual([400, 502]);
      const rows = await Promise.all([gate.rowOf(quoted), gate.rowOf(unreachable)]);
      const lines = logged.mock.calls.map(([fields]) => errorsIn(Object(fields).err));
      expect(lines).not.toEqual([]);
      const shown = JSON.stringify([await quoted.text(), await unreachable.text(), rows, lines]);
      for (const secret of secrets) expect(shown).not.toContain(secret);
      logged.mockRestore();
    });
  });
}

/** All that an error and its causes have. */
export function errorsIn(error: unknown): string {
  if (!(error instanceof Error)) return JSON.stringify(error);
  return `${error.stack}${JSON.stringify(error)}${errorsIn(error.cause)}`;
}
