import { z } from "zod";
import { sequence } from "./random";
import { countPieces } from "./reply";

const DEFAULT_DIMENSIONS = 256;
/** As many as OpenAI takes. */
const MOST_INPUTS = 2_048;
/** A tenth of a second's work, and some 20 MB of floats. */
const MOST_NUMBERS = 1_048_576;

const EmbeddingRequest = z.looseObject({
  model: z.string(),
  input: z.union([z.string(), z.array(z.union([z.string(), z.int(), z.array(z.int())])).min(1)]),
  encoding_format: z.enum(["float", "base64"]).nullish(),
  dimensions: z.int().min(1).max(4096).nullish(),
});

/**
 * Answers an embedding: each vector depends only on the model and its input, and has the length 1. The usage is exact,
 * counted in pieces (reply.ts).
 * @returns the answer, or what is wrong with the request
 */
export function simulatedEmbeddings(body: unknown): { answer: object } | { fault: string } {
  const parsed = EmbeddingRequest.safeParse(body);
  if (!parsed.success) return { fault: z.prettifyError(parsed.error) };
  const { model, input, encoding_format: format, dimensions } = parsed.data;
  const prompts = promptsOf(input);
  if (prompts.length > MOST_INPUTS) return { fault: `input: at most ${MOST_INPUTS} inputs in a request` };
  if (prompts.length * (dimensions ?? DEFAULT_DIMENSIONS) > MOST_NUMBERS)
    return { fault: `dimensions: at most ${MOST_NUMBERS} numbers in an answer. Send fewer inputs` };
  const data = prompts.map((prompt, index) => {
    const vector = vectorFor(`${model}${prompt.seed}`, dimensions ?? DEFAULT_DIMENSIONS);
    return { object: "embedding", index, embedding: format === "base64" ? base64Of(vector) : [...vector] };
  });
  const tokens = prompts.reduce((sum, prompt) => sum + prompt.tokens, 0);
  return {
    answer: { object: "list", data, model, usage: { prompt_tokens: tokens, total_tokens: tokens } },
  };
}

type Prompt = { seed: string; tokens: number };

function promptsOf(input: z.output<typeof EmbeddingRequest>["input"]): Prompt[] {
  if (typeof input === "string") return [textPrompt(input)];
  if (typeof input[0] === "number") return [{ seed: String(input), tokens: input.length }];
  return input.map((prompt) =>
    typeof prompt === "string"
      ? textPrompt(prompt)
      : { seed: String(prompt), tokens: [prompt].flat().length },
  );
}

const textPrompt = (text: string): Prompt => ({ seed: text, tokens: Math.max(1, countPieces(text)) });

function vectorFor(seed: string, dimensions: number): Float32Array {
  const next = sequence(seed);
  const vector = Float32Array.from({ length: dimensions }, () => next() / 2 ** 31 - 1);
  const length = Math.hypot(...vector) || 1;
  return vector.map((value) => value / length);
}

/** Little-endian, as OpenAI encodes it. */
function base64Of(vector: Float32Array): string {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [at, value] of vector.entries()) bytes.writeFloatLE(value, at * 4);
  return bytes.toString("base64");
}
