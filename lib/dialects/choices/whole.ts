import { outputTokensOf } from "#lib/dialects/conversation/output-tokens";
import { parsedOrSaid } from "#lib/dialects/errors/not-json";
import { reportedError } from "#lib/dialects/errors/reported-error";
import { usageIn } from "#lib/dialects/openai-usage";
import { type WholeAnswer, wholeAnswer } from "#lib/dialects/said";
import { choicesOf, errorBesides, isAnswer } from "./choices";

/** Reads a whole chat completion, or what a provider says instead of one. */
export async function readWholeChoices(bytes: Buffer): Promise<WholeAnswer> {
  const answer = await parsedOrSaid(bytes);
  if ("said" in answer) return answer;
  const body = answer.value;
  const choices = choicesOf(body);
  const usage = usageIn(body);
  const hasAnswer = choices.some(isAnswer);
  const error = reportedError(body, hasAnswer) ?? errorBesides(body);
  return wholeAnswer(body, hasAnswer, error, usage, () => outputTokensOf(choices, answer.omittedBytes));
}
