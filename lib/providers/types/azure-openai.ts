import { z } from "zod";
import { ApiKeyCredentials } from "#lib/providers/bearer";
import { probeOpenAi } from "#lib/providers/models-probe";
import { ExtraFields } from "#lib/providers/openai-api";
import { openAiWires, RESPONSES_WIRE } from "#lib/providers/openai-wires";
import { providerType } from "#lib/providers/provider-type";
import { EntraCredentials, entraSigner } from "#lib/providers/sign/entra-token";

/** As Microsoft documents it for the v1 API (learn.microsoft.com/azure/foundry/openai/api-version-lifecycle). */
const SCOPE = "https://ai.azure.com/.default";

// The v1 API takes what OpenAI's does, with the deployment's name as the model.
const WIRES = [...openAiWires({ chatOutputLimitField: "max_completion_tokens" }), RESPONSES_WIRE];

/** OpenAI's models on Azure: the v1 API of an Azure OpenAI or Foundry resource. */
export const azureOpenAi = providerType({
  baseUrl: { kind: "required", versionSegment: "openai/v1" },
  credentials: z.union([ApiKeyCredentials, EntraCredentials], {
    error: "Give `api_key`, or `tenant_id`, `client_id` and `client_secret` of an Entra application.",
  }),
  credentialsRequired: true,
  settings: z.strictObject({ extra_fields: ExtraFields }),
  sign: (credentials) => ("api_key" in credentials ? ["api-key", credentials.api_key] : []),
  signer: (credentials) => ("api_key" in credentials ? null : entraSigner(credentials, SCOPE)),
  wires: ({ extra_fields: extraFields }) => WIRES.map((wire) => ({ ...wire, extraFields })),
  // learn.microsoft.com/en-us/answers/questions/1371786: the list of deployments was retired from the API, whose
  // `GET /models` has the base models that could be deployed (learn.microsoft.com/rest/api/azureopenai/models/list).
  whyNoList:
    "Requests to Azure OpenAI name deployments, which its API does not list. See the resource's deployments in the Foundry portal, or run `az cognitiveservices account deployment list`.",
  probe: probeOpenAi,
});
