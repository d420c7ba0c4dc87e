import type { JsonObject } from "#lib/dialects/text/json-fields";
import type { Seal } from "#lib/translation/envelope";
import type {
  Block,
  CacheMark,
  Demand,
  Encoded,
  EncodeOptions,
  Given,
  MediaBlock,
  ThinkBlock,
  Turn,
} from "#lib/translation/turn";
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

const hasCacheMark = ({ cache }: { cache: CacheMark | null }): boolean => cache !== null;

/** Names the cache marks of a request for a wire that has none. */
function dropCacheMarks({ messages, tools }: Pick<Turn, "messages" | "tools">, notes: Notes): void {
  for (const { at } of tools.filter(hasCacheMark)) notes.dropped.push(`${at}.cache_control`);
  for (const { blocks } of messages) for (const block of blocks) dropMarksOn(block, notes);
}

function dropMarksOn(block: Block, notes: Notes): void {
  if (hasCacheMark(block)) notes.dropped.push(`${block.at}.cache_control`);
  if (block.kind === "result") for (const within of block.blocks) dropMarksOn(within, notes);
}

/** Calls back with each picture, recording and document of a conversation, also with those in results. */
function eachMedium({ messages }: Pick<Turn, "messages">, note: (medium: MediaBlock) => void): void {
  for (const { blocks } of messages) for (const block of blocks) noteMedia(block, note);
}

function noteMedia(block: Block, note: (medium: MediaBlock) => void): void {
  if (block.kind === "result") for (const within of block.blocks) noteMedia(within, note);
  else if (block.kind === "image" || block.kind === "audio" || block.kind === "document") note(block);
}

/** Names the documents that an answer was to cite, for a wire whose models cite none. */
function dropCitations(turn: Pick<Turn, "messages">, notes: Notes): void {
  eachMedium(turn, ({ isCited, at }) => {
    if (isCited) notes.dropped.push(`${at}.citations`);
  });
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
export function dropDetails(turn: Pick<Turn, "messages">, notes: Notes): void {
  eachMedium(turn, ({ detail }) => notes.drop(detail));
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
