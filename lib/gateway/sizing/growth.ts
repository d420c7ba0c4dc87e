import type { Call } from "#lib/dialects/call";
import type { Media } from "#lib/dialects/media/media";
import type { Growth } from "#lib/dialects/text/written-out";
import type { Route } from "#lib/gateway/routing/routing";
import { tokenizerOf } from "./tokenizers";

/** OpenAI's open models are served with templates like all others. */
const OPEN = /gpt-oss/;
/** LiteLLM reads the results of calls as JSON for Gemini, and unfolds the references in it. */
const UNFOLDS_RESULTS = /gemini/i;

/** Whether a model is served with OpenAI's own form of schemas, in which nothing is unfolded. */
const isOpenAi = (upstreamModel: string): boolean =>
  tokenizerOf(upstreamModel) !== "unknown" && !OPEN.test(upstreamModel);

/** The field whose references a model's provider may unfold without a bound; null if there is none. */
export function unfoldedParam(
  { unfoldedParam, unfoldedResultParam }: Media,
  upstreamModel: string,
): string | null {
  if (unfoldedParam !== null && !isOpenAi(upstreamModel)) return unfoldedParam;
  return UNFOLDS_RESULTS.test(upstreamModel) ? unfoldedResultParam : null;
}

/**
 * What a body's tools, schemas and calls grow by at most when one of the routes writes them out. OpenAI writes
 * schemas in a form that is shorter than JSON, so that only numbers grow.
 */
export function growthOver({ growth }: Pick<Call, "growth">, routes: readonly Route[]): Growth {
  const most = { bytes: 0, tokens: 0 };
  for (const { target } of routes) {
    for (const unit of ["bytes", "tokens"] as const) {
      most[unit] = Math.max(most[unit], growthIn(unit, growth, target.upstreamModel));
    }
  }
  return most;
}

function growthIn(unit: keyof Growth, growth: Call["growth"], upstreamModel: string): number {
  if (isOpenAi(upstreamModel)) return growth.numbers[unit];
  if (UNFOLDS_RESULTS.test(upstreamModel)) return growth.schemas[unit] + growth.unfoldedResults[unit];
  return growth.schemas[unit];
}
