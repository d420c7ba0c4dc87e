import type { ReportedUsage } from "#lib/dialects/usage";
import type { Citation } from "./citation";
import type { Seal } from "./envelope";
import type { Unshown } from "./unshown";

/** Why an answer ended. */
export type FinishReason = "stop" | "length" | "calls" | "filter";

/**
 * A piece of an answer: what readers (wires/) make of a provider's events and writers (clients/) take. In a stream each
 * is what has arrived since the last one; a whole answer is the same pieces at once.
 */
export type Delta =
  | { kind: "text"; text: string }
  | { kind: "think"; text: string }
  /** The proof of the reasoning before it, or without one, of the call that follows. */
  | { kind: "seal"; seal: Seal }
  /** What a part of the text before it relies on. */
  | { kind: "cite"; citation: Citation }
  /** What follows is cited apart from the text before it. */
  | { kind: "part" }
  /** A picture that the model has made. */
  | { kind: "image"; mediaType: string; base64: string }
  /** A call begins; its arguments follow. `index` counts the calls of the answer. */
  | { kind: "call"; index: number; id: string; name: string }
  /** More of a call's arguments, as JSON text. */
  | { kind: "args"; index: number; json: string }
  | { kind: "finish"; reason: FinishReason; stopSequence: string | null }
  /** The provider's error, as it reports it: the pipeline reads its words and its status. */
  | { kind: "error"; detail: unknown };

/** What a provider has reported so far, in its own bytes. */
export type Reported = {
  usage: ReportedUsage;
  /** Whether it counts all that was generated until now; a report at the beginning does not. */
  isOfAll: boolean;
};

/** Reads a provider's answer. A new one for each answer. */
export type Reader = {
  /** Adds what the payload of an event says; `name` is empty without one. */
  event: (payload: string, name: string, out: Delta[]) => void;
  /** The same for a whole body, as parsed. Returns false if it is none: then it is left to the pipeline as it is. */
  whole: (body: unknown, out: Delta[]) => boolean;
  /** Adds what the clean end of the stream says. */
  end: (out: Delta[]) => void;
  reported: () => Reported | null;
  /** What was generated, since this was last called, that no delta says; null for nothing. */
  takeUnshown: () => Unshown | null;
};

/** Writes an answer in the client's dialect. A new one for each answer. */
export type Writer = {
  /** The events that say so, as text. */
  write: (delta: Delta) => string;
  /** The events at the clean end of a stream: the usage, and the terminal event if the answer has finished. */
  end: (reported: Reported | null) => string;
  /**
   * The whole answer that its events would be assembled to, if it has content and is as plain as most: then none of
   * them has to be written and parsed. Null for any other.
   */
  plainWhole?: (deltas: readonly Delta[], reported: Reported | null) => string | null;
  /**
   * The text, if what was written since this was last called is one event of a text: the meter need not read it again.
   * Null for anything else.
   */
  takePlain?: () => string | null;
};
