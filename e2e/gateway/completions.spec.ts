import OpenAI from "openai";
import { expect, settledRow, test } from "../fixtures";

const client = (gate: { v1: string; seeded: { apiKey: string } }) =>
  new OpenAI({ baseURL: gate.v1, apiKey: gate.seeded.apiKey, maxRetries: 0 });

test("the SDK gets a whole legacy completion, and the ledger has its exact cost", async ({ gate }) => {
  const { data, response } = await client(gate)
    .completions.create({ model: gate.model("simulated"), prompt: ["Hello!", "Goodbye!"], n: 2, best_of: 3 })
    .withResponse();
  expect(data.choices.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
  const row = await settledRow(gate, response.headers.get("x-request-id"));
  expect(row).toMatchObject({ status: "settled", endpoint: "completions", usage_source: "provider" });
  const { prompt_tokens: input, completion_tokens: output } = data.usage ?? {};
  expect(output).toBe(2 * 3 * 16);
  expect([row.input_tokens, row.output_tokens]).toEqual([String(input), String(output)]);
  // $0.15 and $0.60 per million
  expect(Number(row.cost_usd)).toBeCloseTo((Number(input) * 0.15 + Number(output) * 0.6) / 1e6, 12);
});

test("the SDK streams a legacy completion, and the row is settled when it ends", async ({ gate }) => {
  const { data: stream, response } = await client(gate)
    .completions.create({ model: gate.model("simulated"), prompt: "Hello!", echo: true, stream: true })
    .withResponse();
  let text = "";
  for await (const chunk of stream) text += chunk.choices[0]?.text ?? "";
  expect(text).toMatch(/^Hello!This is a simulated answer/);
  const [row] = await gate.sql`SELECT status FROM ledger WHERE id = ${response.headers.get("x-request-id")}`;
  expect(row?.status).toBe("settled");
});

test("a legacy completion without a prompt is rejected before anything is held", async ({ gate }) => {
  const create = client(gate).completions.create({ model: gate.model("simulated"), prompt: [] });
  await expect(create).rejects.toMatchObject({ status: 400, param: "prompt" });
});
