import type { Asks } from "#lib/credit/prices/meters";
import type { OutputBounds } from "./bounds/read-limits";
import type { ReasoningAsked } from "./bounds/reasoning-settings";
import type { Media } from "./media/media";
import type { FieldSpan } from "./text/json-fields";
import type { Rewriting } from "./text/rewritten-json";
import { type Growth, NO_GROWTH } from "./text/written-out";

/** What chat templates write several times, or escaped, in counts that a model's form multiplies. */
export type Repeats = {
  /** Its tools and schemas in their longest form. */
  promptBytes: number;
  tools: number;
  toolNameBytes: number;
  /** Messages of the system and the developer, beyond one at the beginning. */
  systemMessages: number;
  /** Messages of a user with the text of the last, without that one. */
  sameUserMessages: number;
  /** Messages of users, and results. */
  turns: number;
  /** The names of calls, once for each of their results. */
  resultNameBytes: number;
  /** What a template may write of names and ids with all results, beyond what is in them. */
  resultLabelBytes: number;
  /** What the names and ids in messages may grow by when they are escaped. */
  escapedBytes: number;
};

export const NO_REPEATS: Repeats = {
  promptBytes: 0,
  tools: 0,
  toolNameBytes: 0,
  systemMessages: 0,
  sameUserMessages: 0,
  turns: 0,
  resultNameBytes: 0,
  resultLabelBytes: 0,
  escapedBytes: 0,
};

/** What parts of a body grow by at most when a template or a provider writes them out anew. */
export type CallGrowth = {
  /** Its tools, schemas and calls. */
  schemaBytes: number;
  /** The same in tokens at most, where a template's own words are no longer than those of the ones that are known. */
  schemaTokens: number;
  /**
   * What any provider may write at length in its tools and schemas, the numbers and the lines of descriptions, and what
   * OpenAI writes for tools that it defines.
   */
  always: Growth;
  /** Texts of its tools that a template may write once more, besides their JSON. */
  signatures: readonly string[];
  /** The results of calls with the references in them unfolded. */
  unfoldedResultBytes: number;
  /** Words and numbers of unknown meaning, which a template may write with each message. */
  scalarBytes: number;
  /** What it gives once and is read with each of several prompts, in the readings after the first. */
  sharedBytes: number;
  repeats: Repeats;
};

export const NOTHING_DROPPED: readonly string[] = [];

/** What a conversation that asks for one answer has of what other calls count. */
export const ONE_ANSWER = {
  defaultOutputTokens: null,
  answers: 1,
  withheldAnswers: 0,
  echoedTokens: 0,
  prompts: 1,
  givenTokens: 0,
};

export const NO_CALL_GROWTH: CallGrowth = {
  schemaBytes: 0,
  schemaTokens: 0,
  always: NO_GROWTH,
  signatures: [],
  unfoldedResultBytes: 0,
  scalarBytes: 0,
  sharedBytes: 0,
  repeats: NO_REPEATS,
};

/** Searches of the web that a call lets its provider make; how many is in `asks`. */
export type Searches = {
  /** Where the body offers them. */
  param: string;
  /** The client's own bound, as it is sent; null without one. */
  given: number | null;
  /** How often the provider may read the input again, with what it has found: each time up to the context window. */
  readings: (searches: number) => number;
  /** Whether each reading may generate as much as the output bound, and not all of them together. */
  boundEach: boolean;
  /** Makes the call without them; null if it demands them. */
  without: (() => Call) | null;
};

/**
 * A client's request as every stage sees it, whatever it speaks. Each dialect fills all keys in this order,
 * in one object literal: V8 then gives every call the same shape.
 */
export type Call = {
  /** The body as the client wrote it, but for what is dropped. */
  json: string;
  /** Where its top-level fields are. */
  fields: ReadonlyMap<string, FieldSpan>;
  model: string;
  stream: boolean;
  /** The client's bound on output tokens per answer; null if it names none, or zero. */
  maxOutputTokens: number | null;
  /** The bound per answer that the dialect has where the client names none; null: as much as the model allows. */
  defaultOutputTokens: number | null;
  /** Where the body names it, under whatever names. */
  outputBounds: OutputBounds;
  /** Texts that the answer is predicted to contain: what it does not use of them is billed as output. */
  predictedTexts: readonly string[];
  /** What it says about reasoning, which some providers bill beyond the bound. */
  reasoning: ReasoningAsked;
  /** Its fields that Tollgate does not know, as `param` names them (bounds/unknown-fields.ts). */
  unknownFields: readonly string[];
  /** How many answers it asks for; 0 if nothing is generated. */
  answers: number;
  /** Those of them that are made and billed, but not returned. */
  withheldAnswers: number;
  /** Tokens of the prompt that are returned with the answers, by an estimate that is rather too low. */
  echoedTokens: number;
  /** How many prompts it has, each read by itself: the context window is for one of them. */
  prompts: number;
  messageCount: number;
  /** Tokens that it gives as numbers instead of text. */
  givenTokens: number;
  /** Whether it offers the model tools. */
  hasTools: boolean;
  /** Whether a proxy may offer the model tools of its own for it. */
  mayGetTools: boolean;
  /** Where it offers a tool of the client's own that some proxies run themselves, at a fee; null: nowhere. */
  runByProxy: string | null;
  /** Tokens of its texts as the model reads them, by estimate. */
  textTokens: number;
  growth: CallGrowth;
  /** What it carries besides text. */
  media: Media;
  /** What a template may add to calls whose arguments are no text, and to results; computed when asked. */
  rewriting: () => Rewriting;
  /** What it may be billed at other rates for than text. */
  asks: Asks;
  /** Searches of the web that it lets the provider make; null: none. */
  searches: Searches | null;
  /** Whether the client asked for the usage of a stream. */
  passUsage: boolean;
  /** What it offered and Tollgate has left out of `json`, as paths in the client's own body: `tools[1]`. */
  dropped: readonly string[];
};
