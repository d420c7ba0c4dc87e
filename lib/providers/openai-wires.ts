import type { Wire } from "./wire";

/** The wires of a provider that speaks OpenAI's dialects. */
export function openAiWires({ chatOutputLimitField }: { chatOutputLimitField: string }): readonly Wire[] {
  return [{ dialect: "chat", path: () => "chat/completions", outputLimitField: chatOutputLimitField }];
}
