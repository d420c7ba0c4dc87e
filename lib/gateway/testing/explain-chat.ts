import { type ExplainQuestion, explainRequest } from "#lib/gateway/pipeline/explain";
import type { TestGateway } from "./test-gateway";

/** Explains a chat completion of the seeded caller. */
export async function explainChat(
  { gateway, seeded }: TestGateway,
  body: object,
  question: Partial<ExplainQuestion> = {},
) {
  const answer = await explainRequest(gateway, {
    caller: { apiKeyId: seeded.ids.apiKey },
    endpoint: "chat/completions",
    body: JSON.stringify(body),
    ...question,
  });
  if ("unknown" in answer) throw new Error(answer.message);
  return answer;
}
