import type { Block, Message } from "./turn";

const hasResults = ({ role, blocks }: Message): boolean =>
  role === "user" && blocks.some(({ kind }) => kind === "result");

/** What the assistant says until another speaks, and the results of its calls. */
type Calling = {
  /** How many messages there are up to its end. */
  end: number;
  /** Of the message that follows; null if it has no results. */
  results: Block[] | null;
  /** Results that came after a later turn of the assistant, where no message of results follows. */
  late: Block[];
};

/**
 * A conversation in which the results of parallel calls are in one message, as most wires want them. Clients of some
 * dialects give each in a message of its own, and OpenAI takes it anywhere after its call: one that came after the
 * assistant's next turn goes back to the turn that called.
 */
export function withMergedResults(messages: readonly Message[]): readonly Message[] {
  if (!messages.some(hasResults)) return messages;
  const merged: Message[] = [];
  const turns: Calling[] = [];
  const callers = new Map<string, Calling>();
  /** The blocks of the last message, if it has results. */
  let results: Block[] | null = null;
  for (const message of messages) {
    if (message.role === "assistant") {
      noteCalls(message, merged, turns, callers);
      results = null;
      continue;
    }
    if (!hasResults(message)) {
      results = null;
      merged.push(message);
      continue;
    }
    const last = turns.at(-1);
    const blocks = message.blocks.filter((block) => !isTakenBack(block, callers, last));
    if (blocks.length === 0) continue;
    if (results !== null) for (const block of blocks) results.push(block);
    else {
      results = blocks;
      if (last?.end === merged.length) last.results = results;
      merged.push({ ...message, blocks });
    }
  }
  return turns.some(({ late }) => late.length > 0) ? withLate(merged, turns) : merged;
}

function noteCalls(
  message: Message,
  merged: Message[],
  turns: Calling[],
  callers: Map<string, Calling>,
): void {
  const last = turns.at(-1);
  const turn = last?.end === merged.length ? last : { end: 0, results: null, late: [] };
  if (turn !== last) turns.push(turn);
  for (const block of message.blocks) if (block.kind === "call") callers.set(block.id, turn);
  merged.push(message);
  turn.end = merged.length;
}

/** Gives a result of an earlier turn back to it. */
function isTakenBack(
  block: Block,
  callers: ReadonlyMap<string, Calling>,
  last: Calling | undefined,
): boolean {
  const caller = block.kind === "result" ? callers.get(block.id) : undefined;
  if (caller === undefined || caller === last) return false;
  (caller.results ?? caller.late).push(block);
  return true;
}

function withLate(merged: readonly Message[], turns: readonly Calling[]): readonly Message[] {
  const all: Message[] = [];
  let from = 0;
  for (const { end, late } of turns) {
    const [first] = late;
    if (first === undefined) continue;
    for (const message of merged.slice(from, end)) all.push(message);
    all.push({ role: "user", blocks: late, at: first.at });
    from = end;
  }
  for (const message of merged.slice(from)) all.push(message);
  return all;
}
