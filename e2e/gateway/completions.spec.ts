import { expect, test } from "../fixtures";
import { expectExactCost, expectSettled, sdkOf } from "./exact-cost";

test("the SDK gets a whole legacy completion, and the ledger has its exact cost", async ({ gate }) => {
  const { data, response } = await sdkOf(gate)
    .completions.create({ model: gate.model("simulated"), prompt: ["Hello!", "Goodbye!"], n: 2, best_of: 3 })
    .withResponse();
  expect(data.choices.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
  const { prompt_tokens: input, completion_tokens: output } = data.usage ?? {};
  expect(output).toBe(2 * 3 * 16);
  await expectExactCost(gate, response, "completions", { input, output });
});

test("the SDK streams a legacy completion, and the row is settled when it ends", async ({ gate }) => {
  const { data: stream, response } = await sdkOf(gate)
    .completions.create({ model: gate.model("simulated"), prompt: "Hello!", echo: true, stream: true })
    .withResponse();
  let text = "";
  for await (const chunk of stream) text += chunk.choices[0]?.text ?? "";
  expect(text).toMatch(/^Hello!This is a simulated answer/);
  await expectSettled(gate, response);
});

test("a legacy completion without a prompt is rejected before anything is held", async ({ gate }) => {
  const create = sdkOf(gate).completions.create({ model: gate.model("simulated"), prompt: [] });
  await expect(create).rejects.toMatchObject({ status: 400, param: "prompt" });
});
