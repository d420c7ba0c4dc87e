import type { JsonObject } from "#lib/dialects/text/json-fields";
import type { Seal } from "./envelope";

/**
 * A client's request, whatever it speaks: what decoders (clients/) make and encoders (wires/) take. Every part says
 * where it is in the client's own body, so that what a wire cannot say is named by the client's own path.
 */
export type Turn = {
  /** In their order; those of the system may be anywhere. */
  messages: readonly Message[];
  tools: readonly Tool[];
  toolChoice: Given<ToolChoice> | null;
  /** Whether the model may call several tools at once; null if the client does not say. */
  parallelCalls: Given<boolean> | null;
  /** The client's own bound; what is sent is in `EncodeOptions`. */
  maxTokens: Given<number> | null;
  stop: Given<readonly string[]> | null;
  temperature: Given<number> | null;
  topP: Given<number> | null;
  topK: Given<number> | null;
  seed: Given<number> | null;
  frequencyPenalty: Given<number> | null;
  presencePenalty: Given<number> | null;
  format: Given<AnswerFormat> | null;
  reasoning: Reasoning;
  verbosity: Given<string> | null;
  /** Names the end user or the conversation, for providers that ask for it. */
  user: Given<string> | null;
  cacheKey: Given<string> | null;
  /** What no wire but the client's own can say, and is not needed for the answer: left out and named. */
  offers: readonly string[];
  /** What no wire but the client's own can say, and the answer depends on. */
  demands: readonly Demand[];
};

/** A value and its path in the client's body. */
export type Given<T> = { value: T; at: string };

/** What a wire cannot keep, as the client's path and as a reason: "… is not supported by this model's provider". */
export type Demand = { at: string; why: string };

export type Role = "system" | "user" | "assistant";
export type Message = { role: Role; blocks: readonly Block[]; at: string };

export type CacheMark = "5m" | "1h";
type Placed = { at: string; cache: CacheMark | null };

/** Data in base64 with its media type, an address that the provider has to fetch, or plain text. */
export type Source =
  | { kind: "data"; mediaType: string; base64: string }
  | { kind: "url"; url: string }
  | { kind: "text"; text: string };

export type TextBlock = Placed & { kind: "text"; text: string };
/** A picture, a recording or a document (PDF, plain text). */
export type MediaBlock = Placed & {
  kind: "image" | "audio" | "document";
  source: Source;
  /** A document's name or title. */
  title: string | null;
  /** How closely a picture is to be looked at. */
  detail: Given<string> | null;
  /** Whether the answer is to cite a document. */
  isCited: boolean;
};
/** Reasoning that the model gave before. The seal is its maker's proof of it, for what follows in its message. */
export type ThinkBlock = Placed & { kind: "think"; text: string; seal: Seal | null };
/** A call of a tool. Arguments are JSON text, or the text itself for a custom tool. */
export type CallBlock = Placed & { kind: "call"; id: string; name: string; args: string; isCustom: boolean };
export type ResultBlock = Placed & {
  kind: "result";
  /** Of the call. */
  id: string;
  blocks: readonly (TextBlock | MediaBlock)[];
  isError: boolean;
};
export type Block = TextBlock | MediaBlock | ThinkBlock | CallBlock | ResultBlock;

export type Tool = {
  name: string;
  description: string | null;
  /** The JSON schema of its arguments; null for none, and for a custom tool, which takes a text. */
  schema: JsonObject | null;
  strict: boolean | null;
  /** Where it says so. */
  strictAt: string;
  /** Whether it takes a text instead of arguments, and in which form. */
  custom: { grammar: string | null } | null;
  /** The namespace that `name` begins with, before two underscores; absent outside of one. */
  namespace?: string;
  cache: CacheMark | null;
  at: string;
};

/** Longer than any provider takes: an answer repeats the name with each call. */
export const LONGEST_TOOL_NAME = 256;

export type ToolChoice = { kind: "auto" | "any" | "none" } | { kind: "tool"; name: string };
export type AnswerFormat =
  | { kind: "json" }
  | { kind: "schema"; name: string; description: string | null; schema: JsonObject; strict: boolean | null };

export const EFFORTS = ["none", "minimal", "low", "medium", "high", "xhigh", "max"] as const;
export type Effort = (typeof EFFORTS)[number];
export type Reasoning = {
  effort: Given<Effort> | null;
  budgetTokens: Given<number> | null;
  /** Whether it is switched on or off besides: `adaptive` lets the model decide how much. */
  mode: Given<"on" | "adaptive" | "off"> | null;
  /** Whether the client wants to see it, or only its seal. */
  isShown: boolean;
};

/** Whether a request says how much to reason, or whether at all. */
export const asksToReason = ({
  reasoning: { effort, budgetTokens, mode },
}: Pick<Turn, "reasoning">): boolean => effort !== null || budgetTokens !== null || mode !== null;

/** What bounds an answer. */
export type Bounds = {
  /** The bound to send: the one that is held, else the client's; null if there is none. */
  maxTokens: number | null;
  /** The bound for a wire that requires one, where there is none. */
  defaultMaxTokens: number;
  /** The provider's name for the bound, where wires of the same form differ; null if it has none. */
  outputLimitField: string | null;
};

/** What the target and the hold add to a request. */
export type EncodeOptions = Bounds & {
  /** The budget of reasoning to send to a server that counts it beyond the bound; null for none. */
  reasoningLimitTokens: number | null;
  upstreamModel: string;
  stream: boolean;
  /** Whether a stream has to be asked for its usage, and may be. */
  streamUsage: boolean;
  /** Whose seals may be sent, all others are left out. */
  accepts: (seal: Seal) => boolean;
};

/** What a request is on a wire. */
export type Encoded = {
  body: JsonObject;
  /** The client's paths of offers that are left out. */
  dropped: readonly string[];
  /** Demands that the wire cannot keep. They are left out of the body. */
  refused: readonly Demand[];
  /** The client's names of tools that had to be renamed, by the names that were sent. */
  toolNames: ReadonlyMap<string, string>;
};
