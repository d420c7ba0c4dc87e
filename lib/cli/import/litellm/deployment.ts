import type { FileProvider } from "#lib/services/key-file/key-file";
import { upstreamOf } from "./provider-of";
import {
  countIn,
  type Fields,
  fieldsIn,
  given,
  isEmpty,
  NotMovable,
  numberIn,
  textIn,
  usdOf,
} from "./values";

/** An entry of `model_list`: a target of a model, with what LiteLLM distributes requests by. */
export type Deployment = {
  provider: FileProvider;
  upstreamModel: string;
  /** The model whose price it has, where its own name says nothing, as that of a deployment at Azure does. */
  pricedAs: string | undefined;
  /** The fields of a target that have a meaning of their own here. */
  target: Fields;
  weights: { weight?: number | undefined; rpm?: number | undefined; tpm?: number | undefined };
  order: number | undefined;
  /** Fields that were given and have no counterpart. */
  left: readonly string[];
};

const SERVED_MODES = ["chat", "completion", "embedding", "responses"];
const PER_MTOK = 6;

/** What LiteLLM calls a token's price, and our rate of a million. */
const RATES = {
  input_cost_per_token: "input_per_mtok",
  output_cost_per_token: "output_per_mtok",
  cache_read_input_token_cost: "cache_read_per_mtok",
  cache_creation_input_token_cost: "cache_write_per_mtok",
  output_cost_per_reasoning_token: "reasoning_per_mtok",
};

/** Prices that would be missing from a bill if the others were moved alone. */
const OTHER_PRICE = /(?:_cost$|_cost_per_)/;

const MOVED_PARAMS = new Set([
  ...[
    "model",
    "custom_llm_provider",
    "api_key",
    "api_base",
    "base_url",
    "api_version",
    "rpm",
    "tpm",
    "weight",
  ],
  ...["base_model", "order", "timeout", "stream_timeout", "max_parallel_requests"],
  ...["aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_region_name"],
  ...["vertex_project", "vertex_location", "vertex_credentials", "tenant_id", "client_id", "client_secret"],
  ...Object.keys(RATES),
]);

/** @throws NotMovable */
export function readDeployment(entry: Fields, variable: (name: string) => string | undefined): Deployment {
  const params = fieldsIn(entry.litellm_params);
  const info = fieldsIn(entry.model_info);
  const mode = textIn(info, "mode");
  if (!isEmpty(info.team_id))
    throw new NotMovable(
      "It is only for one team there: here, each key without a list of models would reach it.",
    );
  if (mode !== undefined && !SERVED_MODES.includes(mode))
    throw new NotMovable(`The mode "${mode}" is not served here.`);
  const { provider, upstreamModel } = upstreamOf(params, variable);
  // The router reads limits beside the parameters, too.
  const limits = { ...given({ rpm: entry.rpm, tpm: entry.tpm }), ...params };
  const [rpm, tpm] = [countIn(limits, "rpm"), countIn(limits, "tpm")];
  const timeoutSeconds = numberIn(params, "stream_timeout", "timeout");
  return {
    provider,
    upstreamModel,
    pricedAs: textIn({ ...info, ...given({ base_model: params.base_model }) }, "base_model")?.replace(
      /^(?:azure|bedrock|vertex_ai|openai)\//,
      "",
    ),
    target: given({
      requests_per_minute: rpm,
      tokens_per_minute: tpm,
      max_concurrent: countIn(params, "max_parallel_requests"),
      timeout_ms: timeoutSeconds ? Math.ceil(timeoutSeconds * 1000) : undefined,
      price: priceIn({ ...info, ...params }),
    }),
    weights: { weight: numberIn(params, "weight"), rpm, tpm },
    order: numberIn(params, "order"),
    left: Object.keys(params).filter((name) => !MOVED_PARAMS.has(name) && !isEmpty(params[name])),
  };
}

/** Whether both are one model of one account. */
export const isSame = (one: Deployment, other: Deployment): boolean =>
  one.provider.name === other.provider.name && one.upstreamModel === other.upstreamModel;

/** Undefined where the catalogue's price applies. */
function priceIn(costs: Fields): Fields | undefined {
  const named = Object.keys(costs).filter((name) => OTHER_PRICE.test(name) && !isEmpty(costs[name]));
  if (named.length === 0) return undefined;
  const other = named.find((name) => !Object.hasOwn(RATES, name));
  if (other !== undefined) throw new NotMovable(`There is no counterpart of the price ${other}.`);
  const rates = Object.entries(RATES).map(([theirs, ours]) => {
    const cost = numberIn(costs, theirs);
    return [ours, cost === undefined ? undefined : usdOf(cost, PER_MTOK)];
  });
  return { input_per_mtok: "0", output_per_mtok: "0", ...given(Object.fromEntries(rates)) };
}
