import type { Block, MediaBlock, Message } from "#lib/translation/turn";
import type { Notes } from "./notes";

const isMedium = (block: Block): block is MediaBlock =>
  block.kind === "image" || block.kind === "audio" || block.kind === "document";

/**
 * The conversation for wires on which an answer of the model has no pictures: those that it has made are given by the user,
 * who speaks next. At the end of the conversation they are left out.
 */
export function picturesByUser(messages: readonly Message[], notes: Notes): readonly Message[] {
  if (!messages.some(({ role, blocks }) => role === "assistant" && blocks.some(isMedium))) return messages;
  const given: Message[] = [];
  let made: MediaBlock[] = [];
  for (const message of messages) {
    const { role, blocks } = message;
    if (role === "assistant") {
      for (const block of blocks) if (isMedium(block)) made.push(block);
      given.push({ ...message, blocks: blocks.filter((block) => !isMedium(block)) });
    } else if (role === "user" && made.length > 0) {
      given.push({ ...message, blocks: [...made, ...blocks] });
      made = [];
    } else given.push(message);
  }
  for (const { at } of made) notes.dropped.push(at);
  return given;
}
