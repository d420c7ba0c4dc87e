import { expect, test } from "vitest";
import type { LedgerAttempt } from "#lib/db/schema/credit";
import { expectBalancedBooks } from "#lib/gateway/testing/ledger-expectations";
import { setTargets } from "#lib/gateway/testing/set-targets";
import {
  STORM_ANSWER_USD,
  STORM_PATHS,
  STORM_RETRY_AFTER_S,
  STORM_RULES,
  STORM_TARGETS,
} from "#lib/gateway/testing/storm-targets";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { leaveBudget, MICRODOLLAR_RATES } from "#lib/gateway/testing/user-budget";

const CONNECT_MS = 500;
const FIRST_CONTENT_MS = 2_000;
/** Of the first attempt after another at the same target (retry-delay.ts). */
const MOST_BACK_OFF_MS = 100;
/** How long a storm's requests may wait that another target could have answered at once. */
const MOST_ADDED_MS = 2_500;
/** Requests of each kind at a time. */
const AT_ONCE = 3;

/** A model for each wire: what its targets do not speak is translated. */
const MODELS = { chat: "openai-compatible", responses: "openai", messages: "anthropic" };
const gate = await testGateway({
  models: Object.entries(MODELS).map(([name, providerType]) => ({
    name,
    providerType,
    rates: MICRODOLLAR_RATES,
    contextWindow: 100_000,
  })),
  rules: [...STORM_RULES],
});
const { breakers } = gate.gateway;

/** How a stream of each endpoint ends that is whole. */
const ENDS: Readonly<Record<string, RegExp>> = {
  "chat/completions": /data: \[DONE\]\n\n$/,
  completions: /data: \[DONE\]\n\n$/,
  messages: /event: message_stop\n[^\n]*\n\n$/,
  responses: /"type":\s?"response\.completed".*\n\n$/,
};
type Kind = { model: string; endpoint: string; stream: boolean };
const BODIES: Readonly<Record<string, object>> = {
  "chat/completions": { messages: [{ role: "user", content: "Hello!" }], max_tokens: 50 },
  messages: { messages: [{ role: "user", content: "Hello!" }], max_tokens: 50 },
  responses: { input: "Hello!", max_output_tokens: 50 },
  completions: { prompt: "Hello!", max_tokens: 50 },
  embeddings: { input: "Hello!" },
};
const bodyFor = ({ model, endpoint, stream }: Kind) => ({
  ...BODIES[endpoint],
  model,
  ...(endpoint === "embeddings" ? {} : { stream }),
});
const KINDS: readonly Kind[] = [
  ...Object.keys(MODELS).flatMap((model) =>
    ["chat/completions", "messages", "responses"].flatMap((endpoint) =>
      [true, false].map((stream) => ({ model, endpoint, stream })),
    ),
  ),
  // These are not translated.
  { model: "chat", endpoint: "completions", stream: true },
  { model: "chat", endpoint: "completions", stream: false },
  { model: "chat", endpoint: "embeddings", stream: false },
];

/** Sends a request, and says what is wrong with its answer; null: nothing. */
async function fault(kind: Kind): Promise<string | null> {
  const { model, endpoint, stream } = kind;
  const response = await gate.post(endpoint, bodyFor(kind));
  const text = await response.text();
  const content = endpoint === "embeddings" ? "-0.5" : "Hello";
  const isWhole = stream ? ENDS[endpoint]?.test(text) : text.includes(content);
  // A stream that breaks after its first content is the client's to repeat.
  if (response.status === 200 && (isWhole || (stream && text.includes("Hello")))) return null;
  return `${model} ${endpoint} ${stream ? "stream" : "whole"}: ${response.status} ${text}`;
}

async function storm(): Promise<(string | null)[]> {
  const faults = await Promise.all(
    KINDS.flatMap((kind) => Array.from({ length: AT_ONCE }, () => fault(kind))),
  );
  await breakers.idle();
  await breakers.sync();
  return faults.filter((found) => found !== null);
}

/** A request's attempts, the skipped ones aside. */
const sentOf = (attempts: readonly LedgerAttempt[] | null) =>
  (attempts ?? []).filter(({ outcome }) => outcome !== "skipped");

/**
 * How long a request waited before the attempt that answered it: counted rather than measured, so that a busy machine does
 * not matter. A time-out takes as long as is set, another attempt at the same target its back-off or its `retry-after`.
 */
function waitedMs(attempts: readonly LedgerAttempt[]): number {
  return attempts.reduce((sum, { reason, upstream_model: target }, at) => {
    const isTimeout = target === "stalls" && reason === "The provider did not answer in time.";
    const isRepeated = attempts[at - 1]?.upstream_model === target;
    const backOffMs = target === "limited" ? STORM_RETRY_AFTER_S * 1_000 : MOST_BACK_OFF_MS;
    return sum + (isTimeout ? FIRST_CONTENT_MS : 0) + (isRepeated ? backOffMs : 0);
  }, 0);
}

const percentile = (numbers: readonly number[], share: number): number =>
  numbers.toSorted((one, other) => one - other)[Math.ceil(numbers.length * share) - 1] ?? 0;

test("a storm over targets that fail, stall, die and are busy fails no request without content", async ({
  annotate,
}) => {
  await leaveBudget(gate, "5");
  const limits = { connectTimeoutMs: CONNECT_MS, timeoutMs: FIRST_CONTENT_MS };
  // However busy this machine is, the healthy one answers.
  const targets = STORM_TARGETS.map((upstreamModel) =>
    upstreamModel === "healthy" ? { upstreamModel } : { upstreamModel, ...limits },
  );
  // Code that runs for the first time takes its time.
  for (const model of Object.keys(MODELS)) await setTargets(gate, model, [{ upstreamModel: "healthy" }]);
  expect(await storm()).toEqual([]);
  for (const model of Object.keys(MODELS)) await setTargets(gate, model, targets, 1);
  await gate.sql`UPDATE models SET strategy = 'round_robin'`;
  await gate.gateway.routing({ fresh: true });

  // While nothing is known of the targets, while it is, and while each is to be probed.
  const faults = [...(await storm()), ...(await storm())];
  await gate.sql`UPDATE target_states SET probe_after = now()`;
  await breakers.sync();
  faults.push(...(await storm()));

  expect(faults).toEqual([]);
  const seen = gate.upstream.requests;
  expect(new Set(seen.map(({ body }) => Object(body).model))).toEqual(new Set(STORM_TARGETS));
  expect(new Set(seen.map(({ path }) => path))).toEqual(new Set(STORM_PATHS));
  await expectBalancedBooks(gate);
  const rows = await gate.sql`
    SELECT attempts, status, overrun_usd::float8 AS overrun, cost_usd <= hold_usd AS covered,
      CASE WHEN attempts IS NULL THEN cost_usd = ${STORM_ANSWER_USD} ELSE cost_usd =
        (SELECT sum((a ->> 'cost_usd')::numeric) FROM jsonb_array_elements(attempts) AS a) END AS exact
    FROM ledger`;
  expect(rows).toHaveLength(4 * KINDS.length * AT_ONCE);
  for (const row of rows)
    expect(row).toMatchObject({ status: "settled", overrun: 0, covered: true, exact: true });
  const answered = rows.map(({ attempts }) => sentOf(attempts));
  for (const { outcome, cost_usd } of answered.flat())
    if (outcome === "served") expect(cost_usd).toBe(STORM_ANSWER_USD);

  expect(percentile(answered.map(waitedMs), 0.99)).toBeLessThanOrEqual(MOST_ADDED_MS);
  const addedMs = answered.map((sent) => (sent.at(-1)?.started_ms ?? 0) - (sent[0]?.started_ms ?? 0));
  const [median, p99] = [percentile(addedMs, 0.5), percentile(addedMs, 0.99)];
  await annotate(`added time as measured, on this machine: median ${median} ms, p99 ${p99} ms`);
});
