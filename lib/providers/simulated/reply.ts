import type { ToolCall } from "./asked-calls";
import { sequence } from "./random";

/**
 * The simulated provider's tokens are "pieces": a run of letters and digits with the space before it, or any
 * other single character. A piece has at least one character, so a text has at most as many tokens as bytes, as
 * with real tokenizers.
 */
const PIECE = / ?[\p{L}\p{N}]+|[^\p{L}\p{N}]/gu;

const OPENING = "This is a simulated answer.";
const SUBJECTS = ["The gate", "A quiet river", "The ledger", "An old map", "The harbour", "A patient clock"];
const VERBS = ["counts", "remembers", "carries", "measures", "follows", "keeps"];
const OBJECTS = [
  "every token",
  "the morning tide",
  "a small lantern",
  "the long road",
  "each promise",
  "the rain",
];
const ENDINGS = [
  "without hurry",
  "to the last digit",
  "until the evening",
  "as it always did",
  "in good order",
];

/** OpenAI takes four. */
export const MOST_STOP_SEQUENCES = 64;

/** A text, or calls of tools. */
export type Reply = {
  pieces: readonly string[];
  calls: readonly ToolCall[];
  outputTokens: number;
  finishReason: "stop" | "length" | "tool_calls";
  /** The stop sequence that it was cut before; null without one. */
  stoppedBy: string | null;
};

/** How many tokens the simulated provider counts in a text. */
export function countPieces(text: string): number {
  let pieces = 0;
  PIECE.lastIndex = 0;
  // A list of all pieces would take a hundred times the memory of the text.
  while (PIECE.test(text)) pieces += 1;
  return pieces;
}

/**
 * The calls that are asked for, else a text of `wantedPieces` tokens that depends only on the seed, cut at `maxPieces` or
 * before a stop sequence.
 */
export function replyFor(
  seed: string,
  wantedPieces: number,
  limits: { maxPieces: number | null; stop: readonly string[]; calls: readonly ToolCall[] },
): Reply {
  const max = limits.maxPieces ?? Number.POSITIVE_INFINITY;
  const { calls } = limits;
  const callTokens = calls.reduce((sum, call) => sum + countPieces(call.name + call.argumentsJson), 0);
  if (calls.length > 0 && callTokens <= max) {
    return { pieces: [], calls, outputTokens: callTokens, finishReason: "tool_calls", stoppedBy: null };
  }
  // A stop sequence may begin with the last piece that fits.
  const longestStop = limits.stop.reduce((most, { length }) => Math.max(most, length), 0);
  const whole = piecesOf(seed, Math.min(wantedPieces, max + 1 + longestStop));
  const { pieces, stoppedBy } = cutAtStop(whole, limits.stop);
  const isCut = pieces.length > max;
  const kept = isCut ? pieces.slice(0, max) : pieces;
  return {
    pieces: kept,
    calls: [],
    outputTokens: kept.length,
    finishReason: isCut ? "length" : "stop",
    stoppedBy: isCut ? null : stoppedBy,
  };
}

function piecesOf(seed: string, wantedPieces: number): string[] {
  const next = sequence(seed);
  const pick = (words: readonly string[]) => words[next() % words.length] ?? "";
  const pieces: string[] = [...(OPENING.match(PIECE) ?? [])];
  while (pieces.length < wantedPieces) {
    const sentence = ` ${pick(SUBJECTS)} ${pick(VERBS)} ${pick(OBJECTS)} ${pick(ENDINGS)}.`;
    pieces.push(...(sentence.match(PIECE) ?? []));
  }
  return pieces.slice(0, wantedPieces);
}

function cutAtStop(
  pieces: string[],
  stop: readonly string[],
): { pieces: readonly string[]; stoppedBy: string | null } {
  const text = pieces.join("");
  let cut = text.length;
  let stoppedBy: string | null = null;
  for (const sequence of stop) {
    const at = sequence === "" ? -1 : text.indexOf(sequence);
    if (at === -1 || at >= cut) continue;
    cut = at;
    stoppedBy = sequence;
  }
  return { pieces: stoppedBy === null ? pieces : (text.slice(0, cut).match(PIECE) ?? []), stoppedBy };
}
