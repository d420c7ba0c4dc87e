import { z } from "zod";
import { ApiKeyCredentials, bearer } from "#lib/providers/bearer";
import { listBedrockModels } from "#lib/providers/bedrock-models";
import { claudeAnswer } from "#lib/providers/frames/claude-frames";
import { converseAnswer } from "#lib/providers/frames/converse-frames";
import { bedrockBetas, isClaude, passToHosted } from "#lib/providers/hosted-claude";
import { ListModels } from "#lib/providers/list-models-setting";
import { probeEmpty } from "#lib/providers/models-probe";
import { ExtraFields } from "#lib/providers/openai-api";
import { providerType } from "#lib/providers/provider-type";
import { awsSigner, escaped } from "#lib/providers/sign/sigv4";
import type { Wire } from "#lib/providers/wire";

const AwsKeys = z.strictObject({
  access_key_id: z.string().regex(/^[A-Z0-9]{16,128}$/, "Give the access key's id, such as AKIA…"),
  secret_access_key: z
    .string()
    .regex(/^[A-Za-z0-9/+=]{16,200}$/, "Give the secret access key as it was issued."),
  // It travels in a header.
  session_token: z
    .string()
    .regex(/^[\x21-\x7e]{1,8000}$/, "Give the session token as it was issued.")
    .optional()
    .describe("Of temporary credentials, which have to be replaced before they expire."),
});

const Settings = z.strictObject({
  region: z
    .string("Give the AWS region as `settings.region`.")
    // It is part of the host.
    .regex(/^[a-z]{2,4}(?:-[a-z]{2,12}){1,3}-\d{1,2}$/, "Give an AWS region, such as us-east-1.")
    .describe("Where requests are sent and signed for."),
  list_models: ListModels,
  extra_fields: ExtraFields,
});

const passToBedrock = (upstreamModel: string) =>
  passToHosted({ version: "bedrock-2023-05-31", betas: bedrockBetas(upstreamModel), betasIn: "body" });

/** Any model does: the request is rejected for what it leaves out. */
const PROBED_MODEL = "anthropic.claude-3-haiku-20240307-v1:0";

/** Models on Amazon Bedrock. Claude's take Anthropic's messages, by InvokeModel, and all others take Converse. */
export const bedrock = providerType({
  baseUrl: { kind: "derived", url: ({ region }) => `https://bedrock-runtime.${region}.${domainOf(region)}` },
  credentials: z.union([AwsKeys, ApiKeyCredentials], {
    error: "Give `access_key_id` and `secret_access_key` (with `session_token`, if temporary), or `api_key`.",
  }),
  credentialsRequired: true,
  settings: Settings,
  sign: (credentials) => ("api_key" in credentials ? bearer(credentials) : []),
  signer: (credentials, { region }) =>
    "api_key" in credentials ? null : awsSigner(credentials, { region, service: "bedrock" }),
  wires: ({ extra_fields: extraFields }, upstreamModel) =>
    isClaude(upstreamModel)
      ? [{ ...CLAUDE, passHeaders: passToBedrock(upstreamModel), extraFields }]
      : [embeddingWire(upstreamModel) ?? CONVERSE],
  listModels: listBedrockModels,
  probe: probeEmpty(`model/${escaped(PROBED_MODEL)}/converse`, isGone),
});

/** Domains of partitions by the beginnings of their regions, as AWS's SDKs have them (botocore/data/partitions.json). */
const PARTITIONS: readonly (readonly [region: string, domain: string])[] = [
  ["cn-", "amazonaws.com.cn"],
  ["eusc-", "amazonaws.eu"],
  ["us-iso-", "c2s.ic.gov"],
  ["us-isob-", "sc2s.sgov.gov"],
  ["us-isof-", "csp.hci.ic.gov"],
  ["eu-isoe-", "cloud.adc-e.uk"],
];

const domainOf = (region: string): string =>
  PARTITIONS.find(([start]) => region.startsWith(start))?.[1] ?? "amazonaws.com";

const CLAUDE: Wire = {
  dialect: "messages",
  // Ids have colons, and ARNs slashes.
  path: ({ upstreamModel, stream }) =>
    `model/${escaped(upstreamModel)}/${stream ? "invoke-with-response-stream" : "invoke"}`,
  // For InvokeModel, the type of the model's answer, of streams as well.
  accept: "application/json",
  outputLimitField: "max_tokens",
  streamUsage: true,
  fieldsInPath: ["model", "stream"],
  readAnswer: claudeAnswer,
};

const CONVERSE: Wire = {
  dialect: "converse",
  path: ({ upstreamModel, stream }) =>
    `model/${escaped(upstreamModel)}/${stream ? "converse-stream" : "converse"}`,
  outputLimitField: "maxTokens",
  streamUsage: true,
  readAnswer: converseAnswer,
};

/** The wire of a model that makes vectors (lib/translation/embeddings), by InvokeModel; null for others. */
function embeddingWire(upstreamModel: string): Wire | null {
  if (/amazon\.titan-embed/.test(upstreamModel)) return { ...EMBEDDING, dialect: "titan-embeddings" };
  return /cohere\.embed/.test(upstreamModel) ? { ...EMBEDDING, dialect: "cohere-embeddings" } : null;
}

const EMBEDDING = {
  path: ({ upstreamModel }: { upstreamModel: string }) => `model/${escaped(upstreamModel)}/invoke`,
  accept: "application/json",
  outputLimitField: null,
  streamUsage: false,
  readAnswer: converseAnswer,
};

/** Whether Bedrock says that it has no such model any more. */
function isGone({ status, text }: { status: number; text: string }): boolean {
  return status === 404 && /"message"/i.test(text);
}
