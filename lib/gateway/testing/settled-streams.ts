import { expect } from "vitest";
import type { TestGateway } from "./test-gateway";

/**
 * Expects streams to arrive byte for byte, each with its row settled by then.
 * @param streams what each model streams
 * @param row what each row has
 */
export async function expectSettledStreams(
  { sql }: Pick<TestGateway, "sql">,
  ask: (model: string) => Promise<Response>,
  streams: Readonly<Record<string, string>>,
  row: object,
): Promise<void> {
  for (const [model, text] of Object.entries(streams)) {
    const answered = await ask(model);
    expect(await answered.text()).toBe(text);
    const [settled] = await sql`SELECT * FROM ledger WHERE id = ${answered.headers.get("x-request-id")}`;
    expect(settled).toMatchObject({ ...row, stream: true, error_code: null });
  }
}
