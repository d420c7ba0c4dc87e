import type { ProviderError } from "./error-body";

/** Names of errors and the status that they have where they are sent with one. The first that matches counts. */
const BY_NAME: readonly [RegExp, number][] = [
  [
    /rate_?limit|too_?many|resource_?exhausted|throttl|(?:^|request|call|concurrency|qps)_?limit_?exceeded|quota_?violation|spike_?arrest/i,
    429,
  ],
  [/overloaded|unavailable|capacity|engine_?busy/i, 503],
  [/time_?out|deadline_?exceeded/i, 504],
  [/model_?not_?found|not_?found/i, 404],
  [
    /invalid_?(?:request|argument|prompt|param|value|input|encrypted)|bad_?request|context_?(?:length|window)|validation|unprocessable|content_?(?:filter|policy)|unsupported_?(?:value|param)|string_above|(?:sensitive|unsafe)_?(?:input|content)|data_?inspection/i,
    400,
  ],
];

/** Words of errors that come without a name. */
const BY_WORDS: readonly [RegExp, number][] = [
  [/\btoo many requests\b|\brate.?limit/i, 429],
  [/\boverloaded\b|\bat capacity\b|\btemporarily unavailable\b/i, 503],
  [
    /\b(?:maximum )?context (?:length|window|size)\b|\bprompt is too long\b|\btoo many (?:input )?tokens\b|\breduce the length\b/i,
    400,
  ],
];

/**
 * The status that an error inside a 200 would have: the one that it names, else the one of its kind.
 * @returns null if it does not say
 */
export function statusOf(error: ProviderError): number | null {
  if (error.status !== null) return error.status;
  return find(BY_NAME, `${error.code ?? ""} ${error.type ?? ""}`) ?? find(BY_WORDS, error.message ?? "");
}

function find(table: readonly [RegExp, number][], text: string): number | null {
  return table.find(([pattern]) => pattern.test(text))?.[1] ?? null;
}
