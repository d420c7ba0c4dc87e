import { parsedOrSaid } from "#lib/dialects/errors/not-json";
import { reportedError } from "#lib/dialects/errors/reported-error";
import { usageIn } from "#lib/dialects/openai-usage";
import { type WholeAnswer, wholeAnswer } from "#lib/dialects/said";
import { isObject } from "#lib/dialects/text/json-fields";
import { isPartial, type ReportedUsage, usageOfCounts } from "#lib/dialects/usage";

/** Reads a list of embeddings, or what a provider says instead of one. */
export async function readWholeEmbeddings(bytes: Buffer): Promise<WholeAnswer> {
  const answer = await parsedOrSaid(bytes);
  if ("said" in answer) return answer;
  const body = answer.value;
  const hasAnswer = hasVectors(body);
  const error = reportedError(body, hasAnswer);
  return wholeAnswer(body, hasAnswer, error, ofInput(usageIn(body)), () => 0);
}

/** Nothing is generated: a total alone (Voyage, Jina) is the input. */
function ofInput(usage: ReportedUsage | null): ReportedUsage | null {
  if (usage === null || !isPartial(usage)) return usage;
  const { counts } = usage;
  return usageOfCounts({ ...counts, input: counts.input ?? counts.total, output: counts.output ?? 0 });
}

/** Vectors are lists of numbers, or text in Base64. */
function hasVectors(body: unknown): boolean {
  if (!isObject(body) || !Array.isArray(body.data)) return false;
  return body.data.some((item: unknown) => {
    if (!isObject(item)) return false;
    const { embedding } = item;
    return (typeof embedding === "string" || Array.isArray(embedding)) && embedding.length > 0;
  });
}
