import { parsedOrSaid } from "#lib/dialects/errors/not-json";
import { reportedError } from "#lib/dialects/errors/reported-error";
import { usageIn } from "#lib/dialects/openai-usage";
import { type WholeAnswer, wholeAnswer } from "#lib/dialects/said";
import { BYTES_PER_TOKEN } from "#lib/dialects/text/estimate-tokens";
import { isObject } from "#lib/dialects/text/json-fields";
import { errorOf, generatedBytes, outputOf } from "./content";

/** Reads a whole response, or what a provider says instead of one. */
export async function readWholeResponse(bytes: Buffer): Promise<WholeAnswer> {
  const answer = await parsedOrSaid(bytes);
  if ("said" in answer) return answer;
  const { value: body, omittedBytes } = answer;
  const usage = usageIn(body);
  // One without output may have spent its tokens on reasoning.
  const hasAnswer = isObject(body) && Array.isArray(body.output);
  const error = (hasAnswer ? errorOf(body) : null) ?? reportedError(body, hasAnswer);
  const generated = () =>
    outputOf(body).reduce<number>((sum, item) => sum + generatedBytes(item), omittedBytes);
  return wholeAnswer(body, hasAnswer, error, usage, () => Math.ceil(generated() / BYTES_PER_TOKEN));
}
