import { describe, expect, test } from "vitest";
import { eventPayloads } from "#lib/dialects/events/event-payloads";
import { askSimulated } from "#lib/providers/testing/ask-simulated";

const ask = (body: object, settings: Record<string, unknown> = {}) =>
  askSimulated("responses", { model: "demo", input: "Hello, gate!", ...body }, settings);

describe("a simulated response", () => {
  test("has exact counts, and depends only on the request", async () => {
    const { status, said } = await ask({ instructions: "Be brief." });
    expect(status).toBe(200);
    expect(JSON.parse(said)).toMatchObject({
      object: "response",
      status: "completed",
      output: [{ type: "message", content: [{ type: "output_text" }] }],
      // "Hello", ",", " gate", "!", "Be", " brief", "."
      usage: { input_tokens: 7, output_tokens: 64, total_tokens: 71 },
    });
    expect(JSON.parse((await ask({ instructions: "Be brief." })).said).output).toEqual(
      JSON.parse(said).output,
    );
  });

  test("streams the same, and ends in the whole response", async () => {
    const whole = JSON.parse((await ask({})).said);
    const events = eventPayloads((await ask({ stream: true })).said).map((payload) => JSON.parse(payload));
    const deltas = events.flatMap(({ type, delta }) =>
      type === "response.output_text.delta" ? [delta] : [],
    );
    expect(deltas).toHaveLength(64);
    expect(deltas.join("")).toBe(whole.output[0].content[0].text);
    expect(events.map(({ sequence_number: at }) => at)).toEqual(events.map((_, at) => at));
    expect(events.at(-1)).toMatchObject({ type: "response.completed", response: { output: whole.output } });
  });

  test("is incomplete at its bound", async () => {
    const { said } = await ask({ max_output_tokens: 5 });
    expect(JSON.parse(said)).toMatchObject({
      status: "incomplete",
      incomplete_details: { reason: "max_output_tokens" },
      usage: { output_tokens: 5 },
    });
    expect((await ask({ max_output_tokens: 5, stream: true })).said).toContain(
      "event: response.incomplete\n",
    );
  });

  test("is refused for what is no request", async () => {
    expect((await ask({ input: 5 })).status).toBe(400);
    expect((await ask({}, { fail_with_status: 503 })).status).toBe(503);
  });
});
