import type { JsonObject } from "#lib/dialects/text/json-fields";
import type { Seal } from "#lib/translation/envelope";
import type { Block, Demand, Encoded, EncodeOptions, Given, ThinkBlock, Turn } from "#lib/translation/turn";
import type { ToolNames } from "./tool-names";

/** What an encoder leaves out, by the client's paths. */
export type Notes = {
  dropped: string[];
  refused: Demand[];
  /** Leaves out an offer. */
  drop: (given: { at: string } | null) => void;
  /** Leaves out a demand, without which the answer would be another. */
  refuse: (given: { at: string } | null, why: string) => void;
};

/** Begins with what no wire can say. */
export function notesOn({ offers, demands }: Pick<Turn, "offers" | "demands">): Notes {
  const dropped = [...offers];
  const refused = [...demands];
  return {
    dropped,
    refused,
    drop: (given) => {
      if (given !== null) dropped.push(given.at);
    },
    refuse: (given, why) => {
      if (given !== null) refused.push({ at: given.at, why });
    },
  };
}

/** A body with what was left out of it. */
export const encodedWith = ({ dropped, refused }: Notes, names: ToolNames, body: JsonObject): Encoded => ({
  body,
  dropped,
  refused,
  toolNames: names.renamed,
});

/** Leaves out what a wire cannot say of a message: recordings are a demand. */
export function leaveOut(block: Block, notes: Notes): never[] {
  if (block.kind === "audio") notes.refuse(block, "recordings are not supported");
  return [];
}

/** Names the cache marks of a request for a wire that has none. */
function dropCacheMarks({ messages, tools }: Pick<Turn, "messages" | "tools">, notes: Notes): void {
  for (const tool of tools) if (tool.cache !== null) notes.dropped.push(`${tool.at}.cache_control`);
  for (const { blocks } of messages) {
    for (const block of blocks) if (block.cache !== null) notes.dropped.push(`${block.at}.cache_control`);
  }
}

/** Names the documents that an answer was to cite, for a wire whose models cite none. */
function dropCitations({ messages }: Pick<Turn, "messages">, notes: Notes): void {
  for (const { blocks } of messages) {
    for (const block of blocks) {
      for (const said of block.kind === "result" ? block.blocks : [block])
        if ("isCited" in said && said.isCited) notes.dropped.push(`${said.at}.citations`);
    }
  }
}

/** A number that is no more than a wire takes; one that has to be lowered is named. */
export function atMost(given: Given<number> | null, most: number, notes: Notes): number | undefined {
  if (given === null || given.value <= most) return given?.value;
  notes.drop(given);
  return most;
}

/** Leaves out penalties; zero is the default. */
export function dropPenalties(
  { frequencyPenalty, presencePenalty }: Pick<Turn, "frequencyPenalty" | "presencePenalty">,
  notes: Notes,
): void {
  for (const penalty of [frequencyPenalty, presencePenalty]) if (penalty?.value) notes.drop(penalty);
}

/** Names how closely pictures were to be looked at, for a wire that has no such setting. */
export function dropDetails({ messages }: Pick<Turn, "messages">, notes: Notes): void {
  for (const { blocks } of messages) {
    for (const block of blocks) {
      for (const said of block.kind === "result" ? block.blocks : [block])
        if ("detail" in said) notes.drop(said.detail);
    }
  }
}

/** Names both for a wire that has neither. */
export function dropMarks(turn: Pick<Turn, "messages" | "tools">, notes: Notes): void {
  dropCacheMarks(turn, notes);
  dropCitations(turn, notes);
}

/** The value; undefined, which JSON leaves out, for what is not given. */
export const plainValue = <T>(given: Given<T> | null): T | undefined => given?.value;

/** The proof of reasoning, if it is of the target's own maker; null for reasoning that is left out without one. */
export function ownSeal(
  { seal, at }: Pick<ThinkBlock, "seal" | "at">,
  { accepts }: Pick<EncodeOptions, "accepts">,
  notes: Notes,
): Seal | null {
  if (seal !== null && accepts(seal)) return seal;
  notes.dropped.push(at);
  return null;
}
