import { ANTHROPIC_WIRES } from "#lib/providers/anthropic-wires";
import { openAiWires, RESPONSES_WIRE } from "#lib/providers/openai-wires";
import { providerType } from "#lib/providers/provider-type";
import { simulatedExchange } from "#lib/providers/simulated/exchange";
import { SimulatedSettings } from "#lib/providers/simulated/settings";

const WIRES = [...openAiWires({ chatOutputLimitField: "max_tokens" }), RESPONSES_WIRE, ...ANTHROPIC_WIRES];

/** A provider inside this process that makes up its answers, for demonstrations and development. */
export const simulated = providerType({
  baseUrl: { kind: "none" },
  credentials: null,
  credentialsRequired: false,
  settings: SimulatedSettings,
  sign: () => [],
  wires: () => WIRES,
  exchange: simulatedExchange,
  probe: async (_agent, _provider, { fail_with_status: status }) => ({
    latencyMs: 0,
    error: status === undefined ? null : `The provider is set to fail with status ${status}.`,
  }),
});
