import { z } from "zod";
import { ApiKeyCredentials } from "#lib/providers/bearer";
import { ListModels } from "#lib/providers/list-models-setting";
import { probeOpenAi } from "#lib/providers/models-probe";
import { ExtraFields } from "#lib/providers/openai-api";
import { openAiWires, RESPONSES_WIRE } from "#lib/providers/openai-wires";
import { providerType } from "#lib/providers/provider-type";
import {
  ENTRA_CLOUDS,
  ENTRA_TOKEN_ORIGINS,
  type EntraCloud,
  EntraCredentials,
  entraSigner,
} from "#lib/providers/sign/entra-token";

/**
 * As Microsoft documents them: for the v1 API (learn.microsoft.com/azure/foundry/openai/api-version-lifecycle), for Azure
 * Government (`AzureOpenAIAudience` of Azure.AI.OpenAI) and for Azure in China (the audiences of its other AI services).
 */
const SCOPES: Readonly<Record<EntraCloud, string>> = {
  public: "https://ai.azure.com/.default",
  us_government: "https://cognitiveservices.azure.us/.default",
  china: "https://cognitiveservices.azure.cn/.default",
};

const Settings = z.strictObject({
  cloud: z
    .enum(ENTRA_CLOUDS)
    .optional()
    .describe(
      "The cloud whose Entra ID issues tokens. Default: by the host of the base URL (`….azure.us`, `….azure.cn`), else `public`.",
    ),
  list_models: ListModels,
  extra_fields: ExtraFields,
});

/** Hosts of resources (learn.microsoft.com/azure/azure-government/compare-azure-government-global-azure). */
function cloudOf(baseUrl: string): EntraCloud {
  const { hostname } = new URL(baseUrl);
  if (hostname.endsWith(".azure.us")) return "us_government";
  return hostname.endsWith(".azure.cn") ? "china" : "public";
}

// The v1 API takes what OpenAI's does, with the deployment's name as the model.
const WIRES = [...openAiWires({ chatOutputLimitField: "max_completion_tokens" }), RESPONSES_WIRE];

/** OpenAI's models on Azure: the v1 API of an Azure OpenAI or Foundry resource. */
export const azureOpenAi = providerType({
  baseUrl: { kind: "required", versionSegment: "openai/v1" },
  credentials: z.union([ApiKeyCredentials, EntraCredentials], {
    error: "Give `api_key`, or `tenant_id`, `client_id` and `client_secret` of an Entra application.",
  }),
  credentialsRequired: true,
  settings: Settings,
  sign: (credentials) => ("api_key" in credentials ? ["api-key", credentials.api_key] : []),
  signer: (credentials, settings, baseUrl) => {
    if ("api_key" in credentials) return null;
    const cloud = settings.cloud ?? cloudOf(baseUrl);
    return entraSigner(credentials, cloud, SCOPES[cloud]);
  },
  tokenOrigin: (settings, baseUrl) => ENTRA_TOKEN_ORIGINS[settings.cloud ?? cloudOf(baseUrl)],
  wires: ({ extra_fields: extraFields }) => WIRES.map((wire) => ({ ...wire, extraFields })),
  // learn.microsoft.com/en-us/answers/questions/1371786: the list of deployments was retired from the API, whose
  // `GET /models` has the base models that could be deployed (learn.microsoft.com/rest/api/azureopenai/models/list).
  whyNoList:
    "Requests to Azure OpenAI name deployments, which its API does not list. See the resource's deployments in the Foundry portal, or run `az cognitiveservices account deployment list`.",
  probe: probeOpenAi,
});
