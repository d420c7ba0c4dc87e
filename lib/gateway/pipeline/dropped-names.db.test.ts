import { expect, test } from "vitest";
import { gatewayTo } from "#lib/gateway/testing/gateway-to";
import { testBalancedBooks } from "#lib/gateway/testing/ledger-expectations";
import { leaveBudget } from "#lib/gateway/testing/user-budget";
import { fakeMessages } from "#lib/translation/testing/messages/server";

const upstream = await fakeMessages(() => ({
  content: [{ type: "text", text: "Hi" }],
  usage: { input_tokens: 5, output_tokens: 1 },
}));
const { gate } = await gatewayTo(upstream, {
  name: "claude",
  upstreamModel: "claude-haiku-4-5",
  providerType: "anthropic",
  contextWindow: 2_000_000,
});

const hello = { role: "user", content: "Hi" };
const foreign = { type: "thinking", thinking: "", signature: "tg1.google.AAAAAAAA.x" };

/** A chat completion that is translated, which leaves out the fields. */
const translated = (fields: object) =>
  gate.post("chat/completions", { model: "claude", messages: [hello], ...fields });

/** A message that passes through without the reasoning of another maker, which is inside of a call. */
const direct = (input: object) =>
  gate.post("messages", {
    model: "claude",
    max_tokens: 16,
    tools: [{ name: "f", input_schema: { type: "object" } }],
    messages: [
      hello,
      { role: "assistant", content: [{ type: "tool_use", id: "t", name: "f", input }] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "t", content: "b" }] },
    ],
  });

test.each([
  ["U+0000", "a\u0000b", "a\\u0000b"],
  ["half a surrogate", "a\ud83d", "a\\ud83d"],
  ["a line break", "a\nx-evil: 1", "a\\u000ax-evil: 1"],
  ["letters beyond Latin-1", "é中", "\\u00e9\\u4e2d"],
  ["half a million letters", "n".repeat(500_000), `${"n".repeat(100)}...`],
])("a name with %s is left out, named and settled", async (_, name, shown) => {
  await leaveBudget(gate, 100);
  for (const response of [
    await translated({ [name]: 1 }),
    await direct({ [name]: Array.from({ length: 100 }, () => foreign) }),
  ]) {
    expect(await response.json()).toMatchObject({ usage: {} });
    const header = response.headers.get("x-tollgate-dropped") ?? "";
    expect(header).toContain(shown);
    expect(header.length).toBeLessThan(4_100);
    const row = await gate.rowOf(response);
    expect(row).toMatchObject({ status: "settled", http_status: 200 });
    expect(row.dropped.join(",")).toBe(header);
  }
});

test("hundreds of long names are counted beyond the first", async () => {
  await leaveBudget(gate, null);
  const fields = Array.from({ length: 500 }, (_, at) => [`${at}${"n".repeat(90)}`, 1]);
  const response = await translated(Object.fromEntries(fields));
  expect(await response.json()).toMatchObject({ usage: {} });
  expect(response.headers.get("x-tollgate-dropped")).toMatch(/,and 4\d\d more$/);
  expect(await gate.rowOf(response)).toMatchObject({ status: "settled" });
});

testBalancedBooks(gate);
