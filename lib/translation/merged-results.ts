import type { Message } from "./turn";

const hasResults = ({ role, blocks }: Message): boolean =>
  role === "user" && blocks.some(({ kind }) => kind === "result");

/**
 * A conversation in which the results of parallel calls are in one message, as most wires want them. Clients of some
 * dialects give each in a message of its own.
 */
export function withMergedResults(messages: readonly Message[]): readonly Message[] {
  const merged: Message[] = [];
  for (const message of messages) {
    const last = merged.at(-1);
    if (last === undefined || !hasResults(last) || !hasResults(message)) merged.push(message);
    else merged[merged.length - 1] = { ...last, blocks: [...last.blocks, ...message.blocks] };
  }
  return merged;
}
