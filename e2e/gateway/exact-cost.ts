import OpenAI from "openai";
import { expect, settledRow } from "../fixtures";

type Gate = Parameters<typeof settledRow>[0] & { v1: string; seeded: { apiKey: string } };

/** OpenAI's SDK for a gate. */
export const sdkOf = (gate: Gate) =>
  new OpenAI({ baseURL: gate.v1, apiKey: gate.seeded.apiKey, maxRetries: 0 });

/** Expects a settled row at $0.15 and $0.60 per million tokens. */
export async function expectExactCost(
  gate: Gate,
  response: Response,
  endpoint: string,
  { input, output }: { input: number | undefined; output: number | undefined },
): Promise<void> {
  const row = await settledRow(gate, response.headers.get("x-request-id"));
  expect(row).toMatchObject({ status: "settled", endpoint, usage_source: "provider" });
  expect([row.input_tokens, row.output_tokens]).toEqual([String(input), String(output)]);
  expect(Number(row.cost_usd)).toBeCloseTo((Number(input) * 0.15 + Number(output) * 0.6) / 1e6, 12);
}

/** Expects that a row is settled already. */
export async function expectSettled(gate: Gate, response: Response): Promise<void> {
  const [row] = await gate.sql`SELECT status FROM ledger WHERE id = ${response.headers.get("x-request-id")}`;
  expect(row?.status).toBe("settled");
}
