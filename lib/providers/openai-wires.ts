import type { Wire } from "./wire";

type Options = { chatOutputLimitField: string; streamUsage?: boolean };

/** The wires of a provider that speaks OpenAI's dialects. */
export function openAiWires({ chatOutputLimitField, streamUsage = true }: Options): readonly Wire[] {
  return [
    { dialect: "chat", path: () => "chat/completions", outputLimitField: chatOutputLimitField, streamUsage },
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
