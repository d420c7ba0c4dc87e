import { describe, expect, test } from "vitest";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { chat } from "#lib/testing/upstream/scenario";

const gate = await testGateway({
  models: [{ name: "m", upstreamModel: "a" }],
  rules: ["a", "b", "c"].map((model) => ({ model, scenario: chat({ text: model }) })),
});
await gate.sql`UPDATE models SET strategy = 'round_robin'`;
for (const name of ["b", "c"])
  await gate.sql`
    INSERT INTO model_targets (model_id, provider_id, upstream_model, price_version_id)
    SELECT model_id, provider_id, ${name}, price_version_id FROM model_targets LIMIT 1`;
await gate.gateway.routing({ fresh: true });

const user = (content: string) => ({ role: "user", content });
const answer = { role: "assistant", content: "Hi." };
const further = (text: string) => [user(text), answer, user("And then?")];

async function targetsOf(requests: readonly { body?: object; headers?: Record<string, string> }[]) {
  const targets: string[] = [];
  for (const { body, headers } of requests) {
    const response = await gate.chat({ model: "m", messages: [user("Hello!")], ...body }, { headers });
    await response.text();
    targets.push(String((await gate.rowOf(response)).upstream_model));
  }
  return targets;
}

const times = <Each>(number: number, each: Each): Each[] => Array.from({ length: number }, () => each);
const distinct = (targets: readonly string[]) => new Set(targets).size;

describe("a conversation stays at its target", () => {
  test.each(["x-tollgate-session-id", "x-claude-code-session-id", "session-id"])("by %s", async (header) => {
    expect(distinct(await targetsOf(times(4, { headers: { [header]: `by-${header}` } })))).toBe(1);
  });

  test("by prompt_cache_key", async () => {
    expect(distinct(await targetsOf(times(4, { body: { prompt_cache_key: "mine" } })))).toBe(1);
  });

  test("from its second message on, by how it began", async () => {
    const [first, ...others] = await targetsOf([
      { body: { messages: [user("Once")] } },
      ...times(3, { body: { messages: further("Once") } }),
    ]);
    expect(others).toEqual(times(3, first));
  });

  test("while what has only begun is spread", async () => {
    expect(distinct(await targetsOf(times(3, {})))).toBe(3);
  });
});

describe("conversations", () => {
  // Where each begins depends on the organization's id: that so many miss a target happens once in a million runs.
  const sessions = Array.from({ length: 40 }, (_, at) => ({ headers: { "session-id": `session-${at}` } }));

  test("are spread over the targets", async () => {
    expect(distinct(await targetsOf(sessions))).toBe(3);
  });

  test("begin at the same target on a replica that does not know them", async () => {
    const some = sessions.slice(0, 6);
    const here = await targetsOf(some);
    gate.gateway.conversations = { at: () => null, note: () => {} };
    expect(await targetsOf(some)).toEqual(here);
  });
});
