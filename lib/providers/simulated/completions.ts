import { z } from "zod";
import { shortSeed } from "./random";
import { countPieces, MOST_STOP_SEQUENCES, type Reply, replyFor } from "./reply";
import type { Pace } from "./stream";

const tokens = z.array(z.int().nonnegative()).min(1);
const CompletionRequest = z.looseObject({
  model: z.string(),
  prompt: z.union([z.string(), z.array(z.string()).min(1), tokens, z.array(tokens).min(1)]),
  suffix: z.string().nullish(),
  max_tokens: z.int().nonnegative().nullish(),
  n: z.int().min(1).max(128).nullish(),
  best_of: z.int().min(0).max(128).nullish(),
  echo: z.boolean().nullish(),
  stop: z.union([z.string(), z.array(z.string()).max(MOST_STOP_SEQUENCES)]).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
});

const DEFAULT_TOKENS = 16;

type Prompt = { text: string; tokens: number };

/** One of the texts that continue a prompt; `echoed` comes before it. */
type Choice = { reply: Reply; echoed: string };

type SimulatedCompletion = {
  isStream: boolean;
  includeUsage: boolean;
  choices: readonly Choice[];
  completion: ReturnType<typeof completionOf>;
};

/**
 * Answers a completion. The text depends only on the model, the prompt and the suffix. The usage is exact, counted in
 * pieces (reply.ts) over the prompts with the suffix, and over all answers that are made.
 * @returns the answer, or what is wrong with the request
 */
export function simulatedCompletion(
  body: unknown,
  replyTokens: number,
  requestId: string,
): SimulatedCompletion | { fault: string } {
  const parsed = CompletionRequest.safeParse(body);
  if (!parsed.success) return { fault: z.prettifyError(parsed.error) };
  const { model, suffix, max_tokens, n, best_of, echo, stream, stream_options } = parsed.data;
  const stop = [parsed.data.stop ?? []].flat();
  const returned = n ?? 1;
  const made = Math.max(returned, best_of ?? 1);
  const prompts = promptsOf(parsed.data.prompt);
  const choices: Choice[] = [];
  let outputTokens = 0;
  const suffixSeed = shortSeed(suffix ?? "");
  for (const { text } of prompts) {
    const seed = `${model}${shortSeed(text)}${suffixSeed}`;
    for (let at = 0; at < made; at++) {
      const reply = replyFor(`${seed}${at}`, replyTokens, {
        maxPieces: max_tokens ?? DEFAULT_TOKENS,
        stop,
        calls: [],
      });
      outputTokens += reply.outputTokens;
      if (at < returned) choices.push({ reply, echoed: echo ? text : "" });
    }
  }
  const suffixTokens = countPieces(suffix ?? "") * prompts.length;
  const inputTokens = prompts.reduce((sum, prompt) => sum + prompt.tokens, suffixTokens);
  return {
    isStream: stream === true,
    includeUsage: stream_options?.include_usage === true,
    choices,
    completion: completionOf(model, requestId, choices, { inputTokens, outputTokens }),
  };
}

function promptsOf(prompt: z.output<typeof CompletionRequest>["prompt"]): Prompt[] {
  if (typeof prompt === "string") return [textPrompt(prompt)];
  if (typeof prompt[0] === "number") return [{ text: String(prompt), tokens: prompt.length }];
  return prompt.map((one) =>
    typeof one === "string" ? textPrompt(one) : { text: String(one), tokens: [one].flat().length },
  );
}

const textPrompt = (text: string): Prompt => ({ text, tokens: Math.max(1, countPieces(text)) });

const choiceOf = (index: number, text: string, finishReason: string | null = null) => ({
  index,
  text,
  logprobs: null,
  finish_reason: finishReason,
});

function completionOf(
  model: string,
  requestId: string,
  choices: readonly Choice[],
  { inputTokens, outputTokens }: { inputTokens: number; outputTokens: number },
) {
  return {
    id: `cmpl-${requestId.replaceAll("-", "")}`,
    object: "text_completion",
    created: Math.floor(Date.now() / 1000),
    model,
    choices: choices.map(({ reply, echoed }, index) =>
      choiceOf(index, echoed + reply.pieces.join(""), reply.finishReason),
    ),
    usage: {
      prompt_tokens: inputTokens,
      completion_tokens: outputTokens,
      total_tokens: inputTokens + outputTokens,
    },
  };
}

/** The same as events: choice by choice. */
export async function* completionEvents(
  { includeUsage, choices, completion }: SimulatedCompletion,
  pace: Pace,
): AsyncGenerator<string, undefined> {
  const { choices: _, usage, ...chunk } = completion;
  const event = (said: readonly object[], reported: object | null) =>
    `data: ${JSON.stringify({ ...chunk, choices: said, ...(includeUsage ? { usage: reported } : {}) })}\n\n`;
  for (const [index, { reply, echoed }] of choices.entries()) {
    if (echoed !== "") yield event([choiceOf(index, echoed)], null);
    for (const piece of reply.pieces) {
      await pace();
      yield event([choiceOf(index, piece)], null);
    }
    yield event([choiceOf(index, "", reply.finishReason)], null);
  }
  if (includeUsage) yield event([], usage);
  yield "data: [DONE]\n\n";
}
