import { invalidField } from "#lib/dialects/errors/invalid-field";

/** Prompts by themselves: texts, or tokens already. */
export type GivenPrompts = {
  /** How many there are, each with an answer of its own. */
  prompts: number;
  texts: readonly string[];
  /** Tokens that are given as numbers. */
  tokens: number;
};

const WHAT = "must be a text, a list of texts, a list of tokens, or a list of such lists";

/**
 * Reads the prompts of a field. Without a schema, since there may be millions of tokens.
 * @param param the field's name
 * @param mayBeEmpty whether a text may be empty
 * @throws ApiError invalid_request, with the place in `param`
 */
export function givenPrompts(value: unknown, param: string, mayBeEmpty: boolean): GivenPrompts {
  const text = (given: unknown, at: string) => checkedText(given, at, mayBeEmpty);
  if (typeof value === "string") return { prompts: 1, texts: [text(value, param)], tokens: 0 };
  if (!Array.isArray(value) || value.length === 0) throw invalidField(param, WHAT);
  const [first]: unknown[] = value;
  if (typeof first === "number") return { prompts: 1, texts: [], tokens: checkedTokens(value, param) };
  if (typeof first === "string") {
    const texts = value.map((given: unknown, at) => text(given, `${param}[${at}]`));
    return { prompts: texts.length, texts, tokens: 0 };
  }
  let tokens = 0;
  for (const [at, prompt] of value.entries()) tokens += checkedTokens(prompt, `${param}[${at}]`);
  return { prompts: value.length, texts: [], tokens };
}

function checkedText(text: unknown, param: string, mayBeEmpty: boolean): string {
  if (typeof text !== "string") throw invalidField(param, "must be a text, like the first");
  if (text === "" && !mayBeEmpty) throw invalidField(param, "must not be empty");
  return text;
}

function checkedTokens(tokens: unknown, param: string): number {
  if (!Array.isArray(tokens) || tokens.length === 0) throw invalidField(param, WHAT);
  for (const token of tokens) {
    if (!Number.isSafeInteger(token) || token < 0) throw invalidField(param, "must have whole numbers only");
  }
  return tokens.length;
}
