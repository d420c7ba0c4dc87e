import type { Dispatcher } from "undici";
import { type ListApi, listModelPages } from "./models-list";
import type { ListedModel, ProbeTarget } from "./provider-type";
import { textIn } from "./read-json";

/** What may be invoked across regions, as newer models have to be (`GET /inference-profiles`). */
const PROFILES: ListApi = {
  headers: [],
  firstPath: "inference-profiles?maxResults=1000",
  nextPath: (page) => {
    const token = textIn(page, "nextToken");
    return token === null
      ? null
      : `inference-profiles?maxResults=1000&nextToken=${encodeURIComponent(token)}`;
  },
  maxOutput: [],
  names: ["inferenceProfileName"],
  entries: "inferenceProfileSummaries",
  id: "inferenceProfileId",
};

/** What may be invoked by its own id (`GET /foundation-models`). */
const ON_DEMAND: ListApi = {
  headers: [],
  firstPath: "foundation-models?byInferenceType=ON_DEMAND&byOutputModality=TEXT",
  nextPath: () => null,
  maxOutput: [],
  names: ["modelName"],
  entries: "modelSummaries",
  id: "modelId",
};

/** Lists what can be invoked in a region, by inference profiles first. */
export async function listBedrockModels(
  agent: Dispatcher,
  provider: ProbeTarget,
): Promise<readonly ListedModel[]> {
  // The lists are on another host than the models, unless a base URL was given.
  const control = { ...provider, baseUrl: provider.baseUrl.replace("://bedrock-runtime.", "://bedrock.") };
  const profiles = await listModelPages(agent, control, PROFILES);
  const models = await listModelPages(agent, control, ON_DEMAND);
  return [...profiles, ...models];
}
