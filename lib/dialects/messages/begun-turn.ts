import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { blocksOf } from "./content";

/** How blocks of a conversation are told apart. */
export type BlockKinds = {
  isThinking: (block: JsonObject) => boolean;
  isResult: (block: JsonObject) => boolean;
};

/** In the dialect itself. */
export const OWN_KINDS: BlockKinds = {
  isThinking: ({ type }) => type === "thinking" || type === "redacted_thinking",
  isResult: ({ type }) => type === "tool_result",
};

/**
 * The answers in a turn that the model goes on with, since the user's last words; none if it begins a new one. With a
 * budget, such a turn must have begun with thinking: "When `thinking` is enabled, a final `assistant` message must start
 * with a thinking block (preceeding the lastmost set of `tool_use` and `tool_result` blocks)".
 */
export function answersInTurn(messages: readonly unknown[], { isResult }: BlockKinds): readonly JsonObject[] {
  const said = messages.filter(isObject).filter(({ role }) => role !== "system");
  const isAnswer = ({ role }: JsonObject) => role === "assistant";
  const words = said.findLastIndex(
    (message) => !isAnswer(message) && !blocksOf(message).some((block) => isObject(block) && isResult(block)),
  );
  return said.slice(words + 1).filter(isAnswer);
}

/** Whether the model would go on with a turn that it may not have begun without thinking. */
export function lacksThinking(messages: readonly unknown[], kinds: BlockKinds): boolean {
  const answers = answersInTurn(messages, kinds);
  const beginsWithThinking = (answer: JsonObject) => {
    const [first] = blocksOf(answer);
    return isObject(first) && kinds.isThinking(first);
  };
  return answers.length > 0 && !answers.some(beginsWithThinking);
}

/** Whether a request asks for thinking that has a budget. Where the model decides, a turn may begin without. */
export const hasThinkingBudget = ({ thinking }: JsonObject): boolean =>
  isObject(thinking) && thinking.type !== "adaptive" && thinking.type !== "disabled";
