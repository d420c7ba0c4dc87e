/**
 * Names of an output bound that servers document, in lower case and without separators: OpenAI, Anthropic, Gemini
 * (`maxOutputTokens`), TGI (`max_new_tokens`), llama.cpp (`n_predict`), Ollama (`num_predict`), Hugging Face
 * (`max_length`), Bedrock (`maxTokenCount`, `max_gen_len`), Anthropic's older API (`max_tokens_to_sample`), NeMo
 * (`tokens_to_generate`).
 */
const BOUNDS = new Set([
  "maxtokens",
  "maxcompletiontokens",
  "maxoutputtokens",
  "maxnewtokens",
  "npredict",
  "numpredict",
  "maxlength",
  "maxtokencount",
  "maxgenlen",
  "maxtokenstosample",
  "tokenstogenerate",
]);

/** Names of the number of answers: OpenAI, vLLM (`best_of`), Gemini (`candidateCount`), Hugging Face. */
const ANSWERS = new Set(["n", "bestof", "candidatecount", "numreturnsequences"]);

/** A field with a number, or a number as a string, which lenient servers accept too. */
const NUMBER_FIELD = /"((?:[^"\\]|\\.)*)"\s*:\s*"?(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)"?\s*[,}\]]/g;

/**
 * The greatest output bound that any server would read in the body: at any depth, in any case, escaped or repeated.
 * Zero is no bound, and a negative one is infinite, as for llama.cpp.
 * @returns null without any
 */
export function greatestOutputBound(rawBody: string): number | null {
  const bounds = numbersNamed(rawBody, BOUNDS).filter((value) => value !== 0);
  if (bounds.length === 0) return null;
  return bounds.some((value) => value < 0) ? Number.POSITIVE_INFINITY : Math.floor(Math.max(...bounds));
}

/** The greatest number of answers that any server would read in the body. */
export function greatestAnswerCount(rawBody: string): number {
  return Math.max(1, ...numbersNamed(rawBody, ANSWERS));
}

function numbersNamed(rawBody: string, names: ReadonlySet<string>): number[] {
  return [...rawBody.matchAll(NUMBER_FIELD)].flatMap(([, name = "", value]) =>
    names.has(
      unescaped(name)
        .toLowerCase()
        .replaceAll(/[_\-\s.]/g, ""),
    )
      ? [Number(value)]
      : [],
  );
}

function unescaped(name: string): string {
  try {
    return JSON.parse(`"${name}"`);
  } catch {
    return name;
  }
}
