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

  test("searches if that is asked and offered", async () => {
    const input = "Search the web for tides\nSearch the web for lanterns";
    const request = { input, tools: [{ type: "web_search" }] };
    const whole = JSON.parse((await ask(request)).said);
    expect(whole).toMatchObject({
      output: [
        { type: "web_search_call", action: { type: "search", query: "tides" } },
        { type: "web_search_call", action: { type: "search", query: "lanterns" } },
        { type: "message" },
      ],
      tool_usage: { web_search: { num_requests: 2 } },
    });
    const events = eventPayloads((await ask({ ...request, stream: true })).said).map((payload) =>
      JSON.parse(payload),
    );
    expect(events.at(-1).response.output).toEqual(whole.output);
    expect(events.map(({ type }) => type)).toContain("response.web_search_call.completed");
    const fewer = JSON.parse((await ask({ ...request, max_tool_calls: 1 })).said);
    expect(fewer.tool_usage).toEqual({ web_search: { num_requests: 1 } });
    expect(JSON.parse((await ask({ input })).said)).not.toHaveProperty("tool_usage");
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
