import { request } from "node:http";
import { expect, test } from "../fixtures";
import { expectExactCost, expectSettled, sdkOf } from "./exact-cost";

test("the SDK gets a whole response, and the ledger has its exact cost", async ({ gate }) => {
  const { data, response } = await sdkOf(gate)
    .responses.create({ model: gate.model("simulated"), input: "Hello!" })
    .withResponse();
  expect(data.status).toBe("completed");
  expect(data.output_text).toBeTruthy();
  const { input_tokens: input, output_tokens: output } = data.usage ?? {};
  await expectExactCost(gate, response, "responses", { input, output });
});

test("the SDK streams a response, and the row is settled when it ends", async ({ gate }) => {
  const { data: stream, response } = await sdkOf(gate)
    .responses.create({ model: gate.model("simulated"), input: "Hello!", stream: true })
    .withResponse();
  let text = "";
  let completed = "";
  for await (const event of stream) {
    if (event.type === "response.output_text.delta") text += event.delta;
    if (event.type === "response.completed") completed = event.response.output_text ?? text;
  }
  expect(text).toBeTruthy();
  expect(completed).toBe(text);
  await expectSettled(gate, response);
});

test("a client that tries a WebSocket is told to send a POST", async ({ gate }) => {
  for (const path of ["/v1/responses", "/responses", "/llm/v1/responses"]) {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const headers = {
        authorization: `Bearer ${gate.seeded.apiKey}`,
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
      };
      const sent = request(gate.url + path, { headers }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      sent.on("upgrade", () => reject(new Error("upgraded")));
      sent.on("error", reject);
      sent.end();
    });
    expect(status, path).toBe(426);
  }
});

test("state at the provider is rejected before anything is held", async ({ gate }) => {
  const create = sdkOf(gate).responses.create({
    model: gate.model("simulated"),
    input: "Hello!",
    previous_response_id: "resp_1",
  });
  await expect(create).rejects.toMatchObject({ status: 400, param: "previous_response_id" });
});
