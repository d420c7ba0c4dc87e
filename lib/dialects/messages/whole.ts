import { parsedOrSaid } from "#lib/dialects/errors/not-json";
import { reportedError } from "#lib/dialects/errors/reported-error";
import { type WholeAnswer, wholeAnswer } from "#lib/dialects/said";
import { BYTES_PER_TOKEN } from "#lib/dialects/text/estimate-tokens";
import { isObject } from "#lib/dialects/text/json-fields";
import { blocksOf, generatedIn, searchesIn } from "./content";
import { laterReport, messagesUsage } from "./usage";

/** Reads a whole message, or what a provider says instead of one. */
export async function readWholeMessage(bytes: Buffer): Promise<WholeAnswer> {
  const answer = await parsedOrSaid(bytes);
  if ("said" in answer) return answer;
  const { value: body, omittedBytes } = answer;
  // As at a stream's end: an input of zero beside an output is not reported.
  const usage = isObject(body)
    ? messagesUsage(laterReport(null, body.usage), searchesIn(blocksOf(body)))
    : null;
  const generated = generatedIn(blocksOf(body));
  const hasAnswer = isMessage(body) && (generated > 0 || hasReason(body));
  const error = reportedError(body, hasAnswer);
  return wholeAnswer(body, hasAnswer, error, usage, () =>
    Math.ceil((generated + omittedBytes) / BYTES_PER_TOKEN),
  );
}

const isMessage = (body: unknown): boolean => isObject(body) && Array.isArray(body.content);

/** Why the message ended: an answer may be empty. */
const hasReason = (body: unknown): boolean => isObject(body) && typeof body.stop_reason === "string";
