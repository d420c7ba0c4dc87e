import { invalidField } from "#lib/dialects/errors/invalid-field";

/** What is to be embedded: texts, or prompts that are tokens already. */
export type EmbeddingInput = {
  /** How many vectors are asked for. */
  prompts: number;
  texts: readonly string[];
  /** Tokens that are given as numbers. */
  tokens: number;
};

const WHAT = "must be a text, a list of texts, a list of tokens, or a list of such lists";

/**
 * Reads the input of an embedding. Without a schema, since it may have millions of tokens.
 * @throws ApiError invalid_request, with the place in `param`
 */
export function embeddingInput(input: unknown): EmbeddingInput {
  if (typeof input === "string") return { prompts: 1, texts: [checkedText(input, "input")], tokens: 0 };
  if (!Array.isArray(input) || input.length === 0) throw invalidField("input", WHAT);
  const [first]: unknown[] = input;
  if (typeof first === "number") return { prompts: 1, texts: [], tokens: checkedTokens(input, "input") };
  if (typeof first === "string") {
    const texts = input.map((text: unknown, at) => checkedText(text, `input[${at}]`));
    return { prompts: texts.length, texts, tokens: 0 };
  }
  let tokens = 0;
  for (const [at, prompt] of input.entries()) tokens += checkedTokens(prompt, `input[${at}]`);
  return { prompts: input.length, texts: [], tokens };
}

function checkedText(text: unknown, param: string): string {
  if (typeof text !== "string") throw invalidField(param, "must be a text, like the first");
  if (text === "") throw invalidField(param, "must not be empty");
  return text;
}

function checkedTokens(tokens: unknown, param: string): number {
  if (!Array.isArray(tokens) || tokens.length === 0) throw invalidField(param, WHAT);
  for (const token of tokens) {
    if (!Number.isSafeInteger(token) || token < 0) throw invalidField(param, "must have whole numbers only");
  }
  return tokens.length;
}
