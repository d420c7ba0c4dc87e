import { z } from "zod";
import { listOf } from "#lib/dialects/bounds/list-of";
import { isLimitName } from "#lib/dialects/bounds/read-limits";
import { invalidField, invalidIssue } from "#lib/dialects/errors/invalid-field";
import type { JsonObject } from "#lib/dialects/text/json-fields";
import { IN_PLAIN_WORDS } from "#lib/http/plain-words";

const MarkedCache = z.object({ type: z.string(), ttl: z.enum(["5m", "1h"]).nullish() });

/** How much a model thinks, and the form of its answer: of a request, or of a message for the turns after it. */
export const OutputConfig = z.object({
  effort: z.string().nullish(),
  format: z.object({ type: z.string() }).nullish(),
});

/**
 * The fields of a message's request that Anthropic documents (platform.claude.com/docs/en/api/messages), and what all
 * servers of the dialect require. Others are judged by the tables of lib/dialects/bounds.
 */
const MessagesFields = z.object({
  model: z.string().min(1).max(256),
  messages: z.unknown().optional(),
  max_tokens: z.int().min(0).optional(),
  system: z.unknown().optional(),
  stream: z.boolean().nullish(),
  tools: listOf(z.looseObject({ type: z.string().nullish(), name: z.string().nullish() })).nullish(),
  tool_choice: z.object({ type: z.string(), name: z.string().nullish() }).nullish(),
  thinking: z.object({ type: z.string(), budget_tokens: z.int().min(0).nullish() }).nullish(),
  metadata: z.object({}).nullish(),
  stop_sequences: listOf(z.string()).nullish(),
  temperature: z.number().min(0).max(1).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  top_k: z.int().min(0).nullish(),
  service_tier: z.string().nullish(),
  output_config: OutputConfig.nullish(),
  context_management: z.object({ edits: listOf(z.object({ type: z.string() })).nullish() }).nullish(),
  cache_control: MarkedCache.nullish(),
  // The beta of structured outputs has the form here.
  output_format: z.object({ type: z.string() }).nullish(),
});

export type MessagesFields = z.output<typeof MessagesFields>;

/** Whether Tollgate reads a field of this name. */
export const isMessagesField = (name: string): boolean => Object.hasOwn(MessagesFields.shape, name);

/**
 * Fields that only this dialect judges: others have no price for a cache of an hour, and reject what edits a context or
 * has a tool's calls reviewed.
 */
export const isJudgedField = (name: string): boolean =>
  name === "context_management" || name === "cache_control" || name === "safeguards";

/** Fields of other dialects with a price there. Anthropic rejects them; a server that read them would bill them. */
const OF_OTHER_DIALECTS = [
  "n",
  "modalities",
  "audio",
  "prediction",
  "functions",
  "function_call",
  "response_format",
  "prompt",
  "input",
  "instructions",
] as const;

export const READ = {
  isRead: (name: string) =>
    isMessagesField(name) ||
    isJudgedField(name) ||
    isLimitName(name) ||
    OF_OTHER_DIALECTS.some((other) => other === name),
  // Decides what is sent when the bound is lowered.
  inside: { thinking: (name: string) => name === "type" || name === "budget_tokens" },
};

/**
 * Checks the fields of a request but its messages and its system prompt (conversation.ts) and its tools (tools.ts).
 * @param isAnswered whether it is to be answered, which needs a bound
 * @throws ApiError invalid_request, with the field in `param`
 */
export function checkFields(body: JsonObject, isAnswered: boolean): MessagesFields {
  for (const name of OF_OTHER_DIALECTS) {
    if (Object.hasOwn(body, name)) throw invalidField(name, "is no field of this endpoint. Omit it");
  }
  if (isAnswered && (body.max_tokens === undefined || body.max_tokens === null))
    throw invalidField("max_tokens", "must be given: it bounds the answer");
  const parsed = MessagesFields.safeParse(body, IN_PLAIN_WORDS);
  if (!parsed.success) throw invalidIssue(parsed.error.issues[0]);
  return parsed.data;
}
