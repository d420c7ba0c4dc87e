import { z } from "zod";
import { listOf } from "#lib/dialects/bounds/list-of";
import { unsupported } from "#lib/dialects/bounds/param-of";
import { sharedState } from "#lib/dialects/bounds/unsupported-fields";
import { invalidField, invalidIssue } from "#lib/dialects/errors/invalid-field";
import type { JsonObject } from "#lib/dialects/text/json-fields";
import { IN_PLAIN_WORDS } from "#lib/http/plain-words";

const number = z.number().nullish();
const flag = z.boolean().nullish();
const text = z.string().nullish();

/**
 * The fields of a response that Tollgate reads, or of which it knows that nothing is generated, read or billed for them
 * beyond what is held. Others are judged by the tables of lib/dialects/bounds, and travel unread.
 */
const ResponsesFields = z.object({
  model: z.string().min(1).max(256),
  input: z.unknown().optional(),
  instructions: text,
  stream: flag,
  store: flag,
  include: listOf(z.string()).nullish(),
  text: z.object({ format: z.object({ type: z.string() }).nullish(), verbosity: text }).nullish(),
  tools: listOf(z.object({ type: z.string() })).nullish(),
  tool_choice: z.union([z.string(), z.object({})]).nullish(),
  parallel_tool_calls: flag,
  max_tool_calls: z.int().min(1).nullish(),
  temperature: number,
  top_p: number,
  top_logprobs: z.int().nullish(),
  truncation: text,
  user: text,
  prompt: z.unknown().optional(),
  n: z.unknown().optional(),
  // Notes of Codex for OpenAI.
  client_metadata: z.record(z.string(), z.unknown()).nullish(),
});

export type ResponsesFields = z.output<typeof ResponsesFields>;

/** Whether Tollgate reads a field of this name. */
export const isResponsesField = (name: string): boolean => Object.hasOwn(ResponsesFields.shape, name);

/** The most that each may be; the least is zero. */
const MOST = { temperature: 2, top_p: 1 } as const;
const LIMITED = ["temperature", "top_p"] as const;

/** What the API has no place for, or keeps at the provider, and why. */
const REJECTED: readonly { name: keyof ResponsesFields; allows: unknown; why: string }[] = [
  { name: "prompt", allows: null, why: sharedState },
  { name: "n", allows: 1, why: "a response has one answer." },
];

/**
 * Checks the fields of a response but its items and tools, and its output bounds (lib/dialects/bounds).
 * @param asksForNothing a bound of zero leaves the ranges to the provider
 * @throws ApiError invalid_request or unsupported_parameter, with the field in `param`
 */
export function checkFields(body: JsonObject, asksForNothing: boolean): ResponsesFields {
  for (const { name, allows, why } of REJECTED) {
    const value = body[name] ?? null;
    if (value !== null && value !== allows) throw unsupported(name, why);
  }
  const parsed = ResponsesFields.safeParse(body, IN_PLAIN_WORDS);
  if (!parsed.success) throw invalidIssue(parsed.error.issues[0]);
  const fields = parsed.data;
  const beyond = asksForNothing ? undefined : LIMITED.find((name) => isBeyond(fields[name], MOST[name]));
  if (beyond !== undefined) throw invalidField(beyond, `must be from 0 to ${MOST[beyond]}`);
  return fields;
}

const isBeyond = (value: number | null | undefined, most: number) =>
  typeof value === "number" && (value < 0 || value > most);
