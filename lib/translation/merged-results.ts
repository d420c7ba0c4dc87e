import type { Block, Message } from "./turn";

const hasResults = ({ role, blocks }: Message): boolean =>
  role === "user" && blocks.some(({ kind }) => kind === "result");

/**
 * A conversation in which the results of parallel calls are in one message, as most wires want them. Clients of some
 * dialects give each in a message of its own.
 */
export function withMergedResults(messages: readonly Message[]): readonly Message[] {
  if (!messages.some(hasResults)) return messages;
  const merged: Message[] = [];
  /** The blocks of the last message, if it has results. */
  let results: Block[] | null = null;
  for (const message of messages) {
    const isOfResults = hasResults(message);
    if (isOfResults && results !== null) {
      for (const block of message.blocks) results.push(block);
      continue;
    }
    results = isOfResults ? [...message.blocks] : null;
    merged.push(results === null ? message : { ...message, blocks: results });
  }
  return merged;
}
