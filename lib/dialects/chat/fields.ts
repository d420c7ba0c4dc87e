import { z } from "zod";
import { listOf } from "#lib/dialects/bounds/list-of";
import { checkSampling, samplingFields } from "#lib/dialects/bounds/sampling-ranges";
import { invalidField, invalidIssue } from "#lib/dialects/errors/invalid-field";
import { IN_PLAIN_WORDS } from "#lib/http/plain-words";

const flag = z.boolean().nullish();
const named = z.object({ name: z.string().min(1) });

/**
 * The fields of a chat completion that mean the same to every provider of the dialect, and what all of them
 * require. Other fields travel unread.
 */
const ChatFields = z.object({
  model: z.string().min(1).max(256),
  messages: z.unknown(),
  stream: flag,
  stream_options: z.object({ include_usage: flag }).nullish(),
  n: z.int().min(1).max(128).nullish(),
  logprobs: flag,
  top_logprobs: z.int().nullish(),
  ...samplingFields,
  reasoning_effort: z.string().max(64).nullish(),
  parallel_tool_calls: flag,
  modalities: listOf(z.string()).nullish(),
  response_format: z.object({ type: z.string() }).nullish(),
  tools: listOf(z.object({ type: z.string(), function: named.nullish() })).nullish(),
  tool_choice: z.union([z.string(), z.object({})]).nullish(),
  functions: listOf(named).nullish(),
  function_call: z.union([z.string(), z.object({})]).nullish(),
  store: flag,
});

/** Whether Tollgate reads a field of this name. */
export const isChatField = (name: string): boolean => Object.hasOwn(ChatFields.shape, name);

export type ChatFields = z.output<typeof ChatFields>;

/**
 * Checks the fields of a chat completion but its messages (messages.ts) and its output bounds (lib/dialects/bounds).
 * @param asksForNothing a bound of zero asks for no answer, only for the provider's judgment of the request, so the
 * ranges are left to the provider
 * @throws ApiError invalid_request, with the field in `param`
 */
export function checkFields(body: unknown, asksForNothing: boolean): ChatFields {
  const parsed = ChatFields.safeParse(body, IN_PLAIN_WORDS);
  if (!parsed.success) throw invalidIssue(parsed.error.issues[0]);
  const fields = parsed.data;
  for (const [at, tool] of fields.tools?.entries() ?? []) {
    if (tool.type === "function" && !tool.function)
      throw invalidField(`tools[${at}].function`, "must be given");
  }
  if (!asksForNothing) checkSampling(fields);
  return fields;
}
