import { z } from "zod";
import { ANTHROPIC_WIRES } from "#lib/providers/anthropic-wires";
import { geminiWire, googleEmbeddingWire, isGoogleEmbedding } from "#lib/providers/gemini-wire";
import { isClaude, passToHosted, vertexBetas } from "#lib/providers/hosted-claude";
import { ListModels } from "#lib/providers/list-models-setting";
import { probeEmpty } from "#lib/providers/models-probe";
import { ExtraFields } from "#lib/providers/openai-api";
import { providerType } from "#lib/providers/provider-type";
import {
  ServiceAccount,
  serviceAccountSecrets,
  serviceAccountSigner,
} from "#lib/providers/sign/google-token";
import { listVertexModels } from "#lib/providers/vertex-models";
import type { Wire } from "#lib/providers/wire";

const Settings = z.strictObject({
  project: z
    .string("Give the project's id as `settings.project`.")
    // Both are in the URL.
    .regex(
      /^(?:[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,5}:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$/,
      "Give the project's id, such as my-project-123.",
    )
    .describe("The id of the Google Cloud project that is billed."),
  location: z
    .string("Give the location as `settings.location`.")
    .regex(
      /^(?:global|us|eu|[a-z]{2,15}-[a-z]{2,15}\d{1,2})$/,
      "Give a location, such as global, us, eu or europe-west1.",
    )
    .describe("Where requests are served: `global`, a multi-region (`us`, `eu`) or a region."),
  list_models: ListModels,
  extra_fields: ExtraFields,
});
type Settings = z.output<typeof Settings>;

const passToVertex = (upstreamModel: string) =>
  passToHosted({ version: "vertex-2023-10-16", betas: vertexBetas(upstreamModel), betasIn: "header" });

/** Models on Google Cloud, by Vertex AI: Gemini, and Claude, whose models take Anthropic's messages with the model in the URL. */
export const vertex = providerType({
  baseUrl: { kind: "derived", url: ({ location }) => `https://${hostOf(location)}/v1`, versionSegment: "v1" },
  credentials: z.strictObject({ service_account: ServiceAccount }),
  credentialsRequired: true,
  secretsIn: ({ service_account }) => serviceAccountSecrets(service_account),
  settings: Settings,
  sign: () => [],
  signer: ({ service_account }) => serviceAccountSigner(service_account),
  wires: wiresOf,
  listModels: (agent, provider, settings) =>
    listVertexModels(agent, provider, (model) => wiresOf(settings, model).length > 0),
  // Counting is free, and Google judges the token, the project and the permission first. Not every location counts.
  probe: (agent, provider, settings) =>
    probeEmpty(
      `${modelsOf(settings, "anthropic")}/${COUNTING}`,
      ({ status, text }) => status === 404 && isGoogles(text),
    )(agent, provider),
});

function wiresOf(settings: Settings, upstreamModel: string): Wire[] {
  if (isClaude(upstreamModel)) return claudeWires(settings, upstreamModel);
  const models = modelsOf(settings, "google");
  if (isGoogleEmbedding(upstreamModel)) return [embeddingWire(models, upstreamModel)];
  return isGemini(upstreamModel) ? [geminiWire(models)] : [];
}

/** docs.cloud.google.com/vertex-ai/generative-ai/docs/learn/locations */
function hostOf(location: string): string {
  if (location === "global") return "aiplatform.googleapis.com";
  if (location === "us" || location === "eu") return `aiplatform.${location}.rep.googleapis.com`;
  return `${location}-aiplatform.googleapis.com`;
}

const COUNTING = "count-tokens:rawPredict";

const modelsOf = ({ project, location }: Settings, publisher: "anthropic" | "google") =>
  `projects/${project}/locations/${location}/publishers/${publisher}/models`;

/** Models since Gemini Embedding 2 have no `predict`. */
const embeddingWire = (models: string, upstreamModel: string): Wire =>
  /gemini-embedding-(?!001)/.test(upstreamModel)
    ? googleEmbeddingWire(models, "vertex-embed-content", "embedContent")
    : googleEmbeddingWire(models, "vertex-embeddings", "predict");

const isGemini = (upstreamModel: string): boolean => /(?:^|\/)gemini-/.test(upstreamModel);

function claudeWires(settings: Settings, upstreamModel: string): Wire[] {
  const passHeaders = passToVertex(upstreamModel);
  const models = modelsOf(settings, "anthropic");
  return ANTHROPIC_WIRES.map((wire) => ({
    ...wire,
    ...(wire.dialect === "messages"
      ? {
          path: ({ upstreamModel, stream }) => `${models}/${predict(upstreamModel, stream)}`,
          fieldsInPath: ["model"],
        }
      : { path: () => `${models}/${COUNTING}` }),
    passHeaders,
    extraFields: settings.extra_fields,
  }));
}

/** The names of Claude's versions have an `@`, which may stand in a path. */
const predict = (upstreamModel: string, stream: boolean) =>
  `${encodeURIComponent(upstreamModel).replaceAll("%40", "@")}:${stream ? "streamRawPredict" : "rawPredict"}`;

/** Whether an error is in Google's form. */
const isGoogles = (text: string) => /"status"\s*:\s*"NOT_FOUND"/.test(text);
