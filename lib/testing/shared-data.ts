import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Data beside the repository, which is not part of it: recorded provider answers and LiteLLM's catalogue. */
const FOLDER = fileURLToPath(new URL("../../../shared", import.meta.url));

/** The recorded answers of the dialects that Tollgate speaks. */
export const RECORDED_ANSWERS = [
  "openai/chat-bad-request.json",
  "openai/chat-basic.json",
  "openai/chat-image-to-text.json",
  "openai/chat-streaming.json",
  "openai/chat-tools.json",
  "openai/completion-streaming.json",
  "openai/embeddings-basic.json",
  "openai-compatible/anthropic-fallback-tool-call.sse",
  "openai-compatible/xai-text.json",
] as const;

const LITELLM_CATALOGUE = "litellm-model-prices.json";

/** The path of a recorded answer; null when the data is not there. */
export function recordedAnswerPath(name: (typeof RECORDED_ANSWERS)[number]): string | null {
  return existingPath(join("recorded", name));
}

/** The path of LiteLLM's whole price catalogue; null when the data is not there. */
export function litellmCataloguePath(): string | null {
  return existingPath(LITELLM_CATALOGUE);
}

/** The cases that a run of the tests leaves out because their data is not there. */
export function casesLeftOut(): string[] {
  const answers = RECORDED_ANSWERS.filter((name) => recordedAnswerPath(name) === null);
  return [...answers, ...(litellmCataloguePath() === null ? [LITELLM_CATALOGUE] : [])];
}

function existingPath(name: string): string | null {
  const path = join(FOLDER, name);
  return existsSync(path) ? path : null;
}
