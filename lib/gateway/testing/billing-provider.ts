import type { ServerResponse } from "node:http";
import { json } from "node:stream/consumers";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { serverOfFile } from "#lib/testing/server-of-file";
import type { TestGateway } from "./test-gateway";

/** The usage of a chat completion. */
export const usageOf = (input: number, output: number) => ({
  prompt_tokens: input,
  completion_tokens: output,
  total_tokens: input + output,
});

/** An event of a chat completion's stream. */
export const chunk = (delta: object, finishReason: string | null = null) =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finishReason }] })}\n\n`;

/** Answers with a whole chat completion. */
export function answerWhole(
  response: ServerResponse,
  content: string,
  usage: ReturnType<typeof usageOf>,
): void {
  const message = { role: "assistant", content };
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify({ choices: [{ index: 0, message, finish_reason: "stop" }], usage }));
}

/**
 * Puts a provider in place of the fake upstream, for the tests of a file: one that bills as the test computes.
 * @param answer gets the body of each request
 */
export async function billedBy(
  gate: TestGateway,
  answer: (body: JsonObject, response: ServerResponse) => unknown,
): Promise<void> {
  const origin = await serverOfFile(async (incoming, outgoing) => {
    const body = await json(incoming);
    await answer(isObject(body) ? body : {}, outgoing);
  });
  await moveProvider(gate, `${origin}/v1`);
}

async function moveProvider({ sql, seeded, gateway }: TestGateway, baseUrl: string): Promise<void> {
  await sql`UPDATE providers SET base_url = ${baseUrl} WHERE id = ${seeded.ids.provider}`;
  await gateway.routing({ fresh: true });
}

/**
 * The same for a test of what depends on the provider's host: the provider above answers, whatever host is in the
 * settings.
 * @returns what puts a base URL there
 */
export async function billedAtHosts(
  gate: TestGateway,
  answer: (body: JsonObject, response: ServerResponse) => unknown,
): Promise<(baseUrl: string) => Promise<void>> {
  await billedBy(gate, answer);
  const { sql, seeded, gateway } = gate;
  const [local] = await sql`SELECT base_url FROM providers WHERE id = ${seeded.ids.provider}`;
  const { exchange } = gateway;
  gateway.exchange = (call) =>
    exchange({ ...call, target: { ...call.target, baseUrl: String(local?.base_url) } });
  return (baseUrl) => moveProvider(gate, baseUrl);
}
