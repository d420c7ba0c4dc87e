import { readNotJson } from "#lib/dialects/errors/not-json";
import { reportedError } from "#lib/dialects/errors/reported-error";
import { isBilled, type WholeAnswer } from "#lib/dialects/said";
import { choicesOf, errorInChoices, isAnswer } from "./choices";
import { usageIn } from "./usage";

/** Reads a whole chat completion, or what a provider says instead of one. */
export function readWholeChat(bytes: Buffer): WholeAnswer {
  const text = bytes.toString("utf8");
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return readNotJson(text);
  }
  const choices = choicesOf(body);
  const usage = usageIn(body);
  const hasAnswer = choices.some(isAnswer);
  const error = reportedError(body, hasAnswer) ?? errorInChoices(choices);
  // An answer of nothing that is billed may have no choice.
  const isUsable = hasAnswer || (usage !== null && isBilled(usage));
  return {
    said: error !== null ? "error" : isUsable ? "content" : "unusable",
    error,
    usage,
    outputBytes: usage === null && hasAnswer ? Buffer.byteLength(JSON.stringify(choices)) : 0,
  };
}
