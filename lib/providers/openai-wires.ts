import type { Wire } from "./wire";

type Options = { chatOutputLimitField: string; streamUsage?: boolean };

const LEGACY_LIMIT = "max_tokens";
/** OpenAI's newer name for the bound, which its legacy endpoint does not know. */
const CHAT_ONLY_LIMIT = "max_completion_tokens";

/** The wires of a provider that speaks OpenAI's dialects. */
export function openAiWires({ chatOutputLimitField, streamUsage = true }: Options): readonly Wire[] {
  const completionsLimit = chatOutputLimitField === CHAT_ONLY_LIMIT ? LEGACY_LIMIT : chatOutputLimitField;
  return [
    { dialect: "chat", path: () => "chat/completions", outputLimitField: chatOutputLimitField, streamUsage },
    { dialect: "completions", path: () => "completions", outputLimitField: completionsLimit, streamUsage },
    { dialect: "embeddings", path: () => "embeddings", outputLimitField: null, streamUsage: false },
  ];
}

/** The wire of a provider that speaks the Responses dialect, too: few but OpenAI do. */
export const RESPONSES_WIRE: Wire = {
  dialect: "responses",
  path: () => "responses",
  outputLimitField: "max_output_tokens",
  streamUsage: false,
};
