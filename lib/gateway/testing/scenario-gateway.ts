import { expect } from "vitest";
import type { Scenario } from "#lib/testing/upstream/scenario";
import { addSecondTargets, testGateway } from "./test-gateway";

const messages = [{ role: "user", content: "Hello!" }];
const rates = { inputPerMtok: "3", outputPerMtok: "15" };

/**
 * A gateway with a model for each scenario, and one (`<name>+`) with a healthy second target after it.
 * @param scenarios by model
 */
export async function scenarioGateway(
  scenarios: Readonly<Record<string, Scenario>>,
  options: { silenceMs?: number } = {},
) {
  const gate = await testGateway({
    models: Object.keys(scenarios).flatMap((name) => [
      { name, rates },
      { name: `${name}+`, upstreamModel: name, rates },
    ]),
    rules: Object.entries(scenarios).map(([model, scenario]) => ({ model, scenario })),
    ...options,
  });
  await addSecondTargets(gate);
  return {
    gate,
    ask: async (model: string, stream: boolean) => {
      const response = await gate.chat({ model, messages, stream });
      const text = await response.text();
      return { response, text, row: await gate.rowOf(response) };
    },
    expectNoKey: (...shown: unknown[]) => {
      const text = JSON.stringify(shown);
      expect(text).not.toContain(gate.seeded.canary);
      expect(text).not.toContain("CANARY");
    },
  };
}
