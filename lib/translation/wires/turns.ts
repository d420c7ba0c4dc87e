import type { JsonObject } from "#lib/dialects/text/json-fields";
import type { Block, Message } from "#lib/translation/turn";
import { unrepeatedNames } from "./unrepeated-names";

/** What the user or the assistant says in one turn. */
export type Said = { role: "user" | "assistant"; content: JsonObject[] };

/**
 * The system's words from before the conversation, and the rest, in which the user says what the system says, also what is
 * not in words alone. A conversation of the system alone has none before, and is the user's.
 */
export function splitLeading(messages: readonly Message[]): {
  leading: readonly Message[];
  rest: readonly Message[];
} {
  const firstTurn = messages.findIndex((message) => !isSystems(message) || hasMedia(message));
  if (firstTurn === -1) return { leading: [], rest: messages };
  const rest = messages.slice(firstTurn);
  return { leading: messages.slice(0, firstTurn), rest: rest.some(isSystems) ? rest.map(saidByUser) : rest };
}

const isSystems = ({ role }: Message): boolean => role === "system";

/** Pictures and documents, which no provider takes from the system. */
export const hasMedia = ({ blocks }: Message): boolean => blocks.some(({ kind }) => kind !== "text");

export const saidByUser = (message: Message): Message =>
  message.role === "system" ? { ...message, blocks: message.blocks.map(asSystemsWords) } : message;

const asSystemsWords = (block: Block): Block =>
  block.kind === "text" ? { ...block, text: `<system>${block.text}</system>` } : block;

/**
 * A conversation in which the user and the assistant take turns, as many APIs require: it begins with the user, who also
 * says what the system says, and the results of calls come before all else in their turn.
 */
export function takingTurns(
  messages: readonly Message[],
  contentOf: (block: Block) => readonly JsonObject[],
  { isResult, opening }: { isResult: (block: JsonObject) => boolean; opening: JsonObject },
): Said[] {
  const turns: Said[] = [];
  for (const message of messages) {
    const role = message.role === "assistant" ? "assistant" : "user";
    const last = turns.at(-1);
    const content = last?.role === role ? last.content : [];
    for (const block of message.blocks) for (const part of contentOf(block)) content.push(part);
    if (content.length > 0 && content !== last?.content) turns.push({ role, content });
  }
  if (turns[0]?.role === "assistant") turns.unshift({ role: "user", content: [opening] });
  for (const turn of turns) {
    if (turn.role === "user" && turn.content.some(isResult))
      turn.content = [...turn.content.filter(isResult), ...turn.content.filter((block) => !isResult(block))];
  }
  return turns;
}

/**
 * Ids of calls as a wire takes them: the same in a call and its result.
 * @param safeId an id that the wire takes, for the call with this number
 */
export function safeIds(safeId: (id: string, number: number) => string): (id: string) => string {
  let given: GivenIds | null = null;
  return (id) => {
    given ??= noIds();
    const { sent, unrepeated } = given;
    const known = sent.get(id);
    if (known !== undefined) return known;
    const safe = unrepeated(safeId(id, sent.size + 1));
    sent.set(id, safe);
    return safe;
  };
}

type GivenIds = { sent: Map<string, string>; unrepeated: (stem: string) => string };

const noIds = (): GivenIds => ({
  sent: new Map(),
  unrepeated: unrepeatedNames({
    stemOf: (name) => name.slice(0, LONGEST - MOST_OF_NUMBER),
    suffix: (count) => `_${count}`,
  }),
});

/** The shortest limit of the wires that have one. */
const LONGEST = 64;
/** An underscore and as many digits as there may be calls. */
const MOST_OF_NUMBER = 7;
