import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { HumanMessage, ToolMessage } from "@langchain/core/messages";
import { tool as langchainTool } from "@langchain/core/tools";
import { ChatOpenAI } from "@langchain/openai";
import { generateText, stepCountIs, streamText, tool } from "ai";
import { z } from "zod";
import { expect, type Gate, test } from "../fixtures";

const ASK = 'Please.\nCall the tool weather with {"city":"Oslo"}';
const inputSchema = z.object({ city: z.string() });

const rowsOf = (gate: Gate, sessionId: string) => gate.sql`
  SELECT status, usage_source, input_tokens::int AS input, output_tokens::int AS output
  FROM ledger WHERE session_id = ${sessionId} ORDER BY id`;

/** Expects the text of the simulated provider, and one row with the usage that the client has seen. */
async function expectStreamed(
  gate: Gate,
  session: string,
  { text, ...usage }: { text: string; input: number | undefined; output: number | undefined },
): Promise<void> {
  expect(text).toContain("This is a simulated answer.");
  expect(await rowsOf(gate, session)).toEqual([{ status: "settled", usage_source: "provider", ...usage }]);
}

test.describe("the Vercel AI SDK", () => {
  const modelOf = (gate: Gate, sessionId: string) =>
    createOpenAICompatible({
      name: "tollgate",
      baseURL: gate.v1,
      apiKey: gate.seeded.apiKey,
      includeUsage: true,
      headers: { "x-tollgate-session-id": sessionId },
    })(gate.model("simulated"));

  test("streams a text with its usage, which the row has, too", async ({ gate }) => {
    const session = `ai-sdk-stream-${Date.now()}`;
    const answer = streamText({ model: modelOf(gate, session), prompt: "Hello!", maxRetries: 0 });
    let text = "";
    for await (const part of answer.textStream) text += part;
    const { inputTokens: input, outputTokens: output } = await answer.usage;
    await expectStreamed(gate, session, { text, input, output });
  });

  test("runs a tool, and sends its result in the next turn", async ({ gate }) => {
    const session = `ai-sdk-tool-${Date.now()}`;
    const { steps, text, totalUsage } = await generateText({
      model: modelOf(gate, session),
      prompt: ASK,
      tools: { weather: tool({ inputSchema, execute: async ({ city }) => `Rain in ${city}.` }) },
      stopWhen: stepCountIs(3),
      maxRetries: 0,
    });
    expect(steps.map(({ finishReason }) => finishReason)).toEqual(["tool-calls", "stop"]);
    expect(steps[0]?.toolResults[0]?.output).toBe("Rain in Oslo.");
    expect(text).toContain("This is a simulated answer.");
    const rows = await rowsOf(gate, session);
    expect(rows).toHaveLength(2);
    expect(rows.reduce((sum, { output }) => sum + output, 0)).toBe(totalUsage.outputTokens);
  });
});

test.describe("LangChain", () => {
  const chatOf = (gate: Gate, sessionId: string) =>
    new ChatOpenAI({
      model: gate.model("simulated"),
      apiKey: gate.seeded.apiKey,
      maxRetries: 0,
      configuration: { baseURL: gate.v1, defaultHeaders: { "x-tollgate-session-id": sessionId } },
    });

  test("streams a text with its usage, which the row has, too", async ({ gate }) => {
    const session = `langchain-stream-${Date.now()}`;
    let text = "";
    let usage = { input_tokens: 0, output_tokens: 0 };
    for await (const chunk of await chatOf(gate, session).stream("Hello!")) {
      text += chunk.text;
      if (chunk.usage_metadata !== undefined) usage = chunk.usage_metadata;
    }
    await expectStreamed(gate, session, { text, input: usage.input_tokens, output: usage.output_tokens });
  });

  test("runs a tool, and sends its result in the next turn", async ({ gate }) => {
    const session = `langchain-tool-${Date.now()}`;
    const weather = langchainTool(async ({ city }) => `Rain in ${city}.`, {
      name: "weather",
      description: "The weather of a city",
      schema: inputSchema,
    });
    const chat = chatOf(gate, session).bindTools([weather]);
    const asked = new HumanMessage(ASK);
    const called = await chat.invoke([asked]);
    const [call] = called.tool_calls ?? [];
    expect(call).toMatchObject({ name: "weather", args: { city: "Oslo" } });
    const result = await weather.invoke({ city: "Oslo" });
    const answer = await chat.invoke([
      asked,
      called,
      new ToolMessage({ content: result, tool_call_id: call?.id ?? "" }),
    ]);
    expect(answer.text).toContain("This is a simulated answer.");
    expect(await rowsOf(gate, session)).toHaveLength(2);
  });
});
