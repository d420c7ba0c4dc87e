import { expect } from "vitest";
import type { TestGateway } from "./test-gateway";

/** Expects that an answer is an error, for which nothing was charged. */
export async function expectReleased(gate: Pick<TestGateway, "rowOf">, answered: Response): Promise<void> {
  expect(answered.status).toBeGreaterThanOrEqual(500);
  expect(await gate.rowOf(answered)).toMatchObject({ status: "released", cost_usd: "0.000000000000" });
}
