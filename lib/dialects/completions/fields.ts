import { z } from "zod";
import { checkSampling, samplingFields } from "#lib/dialects/bounds/sampling-ranges";
import { invalidField, invalidIssue } from "#lib/dialects/errors/invalid-field";
import type { JsonObject } from "#lib/dialects/text/json-fields";
import { IN_PLAIN_WORDS } from "#lib/http/plain-words";

const flag = z.boolean().nullish();
const text = z.string().nullish();

/** The fields of a completion that mean the same to every provider of the dialect. Other fields travel unread. */
const CompletionFields = z.object({
  model: z.string().min(1).max(256),
  prompt: z.unknown(),
  suffix: text,
  stream: flag,
  stream_options: z.object({ include_usage: flag }).nullish(),
  n: z.int().min(1).max(128).nullish(),
  best_of: z.int().min(0).max(128).nullish(),
  echo: flag,
  logprobs: z.union([z.int(), z.boolean()]).nullish(),
  ...samplingFields,
  response_format: z.object({ type: z.string() }).nullish(),
});

export type CompletionFields = z.output<typeof CompletionFields>;

/** Whether Tollgate reads a field of this name. */
export const isCompletionField = (name: string): boolean => Object.hasOwn(CompletionFields.shape, name);

/** Answers of one request, of all prompts together. */
const MOST_ANSWERS = 4_096;

/** How many answers are made, and how many of them returned, for one prompt. */
export type AnswersPerPrompt = { made: number; returned: number };

/**
 * Checks the fields of a completion but its prompt and its output bounds (lib/dialects/bounds).
 * @param asksForNothing a bound of zero leaves the ranges to the provider
 * @throws ApiError invalid_request, with the field in `param`
 */
export function checkFields(body: JsonObject, asksForNothing: boolean): CompletionFields {
  const parsed = CompletionFields.safeParse(body, IN_PLAIN_WORDS);
  if (!parsed.success) throw invalidIssue(parsed.error.issues[0]);
  if (!asksForNothing) checkSampling(parsed.data);
  return parsed.data;
}

/**
 * The answers to each of a completion's prompts: `best_of` are made, and the `n` best of them returned.
 * @throws ApiError invalid_request for more than a request may ask for, or a stream of the best, which is known at the end
 */
export function answersPerPrompt(
  { n, best_of, stream }: CompletionFields,
  prompts: number,
): AnswersPerPrompt {
  const returned = n ?? 1;
  const made = Math.max(returned, best_of ?? 1);
  if (made * prompts > MOST_ANSWERS) {
    const param = prompts > MOST_ANSWERS ? "prompt" : made > returned ? "best_of" : "n";
    throw invalidField(param, `asks for more than ${MOST_ANSWERS} answers in one request`);
  }
  if (stream && made > returned) throw invalidField("best_of", "must not be greater than n in a stream");
  return { made, returned };
}
