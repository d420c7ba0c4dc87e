import { z } from "zod";
import { ApiKeyCredentials, googleKeyHeader } from "#lib/providers/bearer";
import { geminiWire, googleEmbeddingWire, isGoogleEmbedding } from "#lib/providers/gemini-wire";
import { ListModels } from "#lib/providers/list-models-setting";
import { listGoogleModels } from "#lib/providers/models-list";
import { probeGoogle } from "#lib/providers/models-probe";
import { PricesOf } from "#lib/providers/prices-of-setting";
import { providerType } from "#lib/providers/provider-type";

/** Google AI: Gemini with an API key of AI Studio. */
export const google = providerType({
  baseUrl: {
    kind: "default",
    url: "https://generativelanguage.googleapis.com/v1beta",
    versionSegment: "v1beta",
  },
  credentials: ApiKeyCredentials,
  credentialsRequired: true,
  settings: z.strictObject({ list_models: ListModels, prices_of: PricesOf }),
  sign: googleKeyHeader,
  wires: (_, upstreamModel) => [
    isGoogleEmbedding(upstreamModel)
      ? googleEmbeddingWire("models", "gemini-embeddings", "batchEmbedContents")
      : geminiWire("models"),
  ],
  probe: probeGoogle,
  listModels: listGoogleModels,
});
