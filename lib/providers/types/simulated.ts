import { ANTHROPIC_WIRES } from "#lib/providers/anthropic-wires";
import { ModelsUnavailable } from "#lib/providers/models-list";
import { openAiWires, RESPONSES_WIRE } from "#lib/providers/openai-wires";
import { providerType } from "#lib/providers/provider-type";
import { simulatedExchange } from "#lib/providers/simulated/exchange";
import { SimulatedSettings } from "#lib/providers/simulated/settings";

const WIRES = [
  ...openAiWires({ chatOutputLimitField: "max_tokens" }),
  RESPONSES_WIRE,
  ...ANTHROPIC_WIRES,
].map((wire) => ({ ...wire, keepsSearchBound: true }));

/** A provider inside this process that makes up its answers, for demonstrations and development. */
export const simulated = providerType({
  baseUrl: { kind: "none" },
  credentials: null,
  credentialsRequired: false,
  settings: SimulatedSettings,
  sign: () => [],
  wires: () => WIRES,
  exchange: simulatedExchange,
  probe: async (_agent, _provider, settings) => ({ latencyMs: 0, error: problemBy(settings) }),
  // Any other name is answered, too.
  listModels: async (_agent, _provider, settings) => {
    const problem = problemBy(settings);
    if (problem !== null) throw new ModelsUnavailable(problem);
    return [{ id: "simulated", name: "Simulated" }];
  },
});

function problemBy({ fail_with_status: status }: SimulatedSettings): string | null {
  return status === undefined ? null : `The provider is set to fail with status ${status}.`;
}
