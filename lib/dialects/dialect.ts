import type { ErrorFields } from "#lib/http/api-error";
import type { Call } from "./call";
import type { ErrorShape } from "./errors/error-shape";
import type { EventReader } from "./events/stream-meter";
import type { ClientHeaders, HeaderSource } from "./headers/client-headers";
import type { WholeAnswer } from "./said";
import type { MaySearch } from "./searches";
import type { FieldSpan } from "./text/json-fields";

/** What a client speaks: everything that only its own folder knows. */
export type Dialect = {
  /** A wire names the dialect that it takes unchanged. */
  name: string;
  /** Its path below `/v1/`, as the ledger calls it: `chat/completions`. */
  endpoint: string;
  /** The field with what the model reads. */
  promptField: string;
  /** Whether the context window must hold the output bound besides the input; otherwise an answer may end before it. */
  windowHoldsBound: boolean;
  /**
   * Parses and checks a body: what Tollgate needs to know, and what no provider of the dialect would accept.
   * @param maySearch by default, no model
   * @throws ApiError invalid_request or unsupported_parameter, with the field in `param`
   */
  parse: (json: string, maySearch?: MaySearch) => Call;
  /**
   * Reads and checks the headers by which its clients say how a provider is to answer.
   * @throws ApiError invalid_request
   */
  readHeaders: (source: HeaderSource) => ClientHeaders;
  /** The client's own text for a provider that speaks the dialect, with the fields that Tollgate sets. */
  edit: (call: Call, edits: Edits) => string;
  /** Paths that `edit` leaves out for an output bound that has no room for them; absent: none. */
  leftOutFor?: (call: Call, outputLimitTokens: number) => readonly string[];
  /** What there is to count in a body. */
  prompt: (call: Call) => PromptWeight;
  /** Where the texts of `prompt` are in a body, as strings, and what there is around them at least. */
  promptSpans: (call: Call) => PromptSpans;
  /** Texts that the model certainly reads as they are: a lower bound of the input. */
  promptTexts: (call: Call) => readonly string[];
  events: EventReader;
  /** How large a whole answer may be, where that is more than others have. */
  mostAnswerBytes?: number;
  /** Reads a whole answer, or what a provider says instead of one. Never rejects. */
  readWhole: (bytes: Buffer) => Promise<WholeAnswer>;
  /** Makes a whole answer of a stream's events, for a provider that streams though it was not asked to. */
  assembler: () => Assembler;
  /**
   * Makes a stream of a whole answer, its usage and the terminal event included, for a provider that does not
   * stream. The answer is one that `readWhole` calls content.
   * @returns null if it has too much structure to be read at once
   */
  split: (whole: Buffer) => Buffer | null;
  /** Which field that Tollgate sets a provider's error refuses; null: none that it could leave out or rename. */
  refusedField: (call: Call, sent: Edits, error: ErrorFields) => RefusedField | null;
  /** Null if clients send no reasoning back. */
  pastReasoning: PastReasoning | null;
  errors: ErrorShape;
  /** Null if the dialect has no such endpoint. */
  counting: Counting | null;
};

/** What an answer is read with. */
export type AnswerDialect = Pick<Dialect, "events" | "mostAnswerBytes" | "readWhole" | "assembler" | "split">;

/** The reasoning of earlier turns, signed or encrypted, which clients send back. */
export type PastReasoning = {
  /** Whether a provider's error says that it is not as its own model has written it. */
  isRefused: (error: ErrorFields) => boolean;
  /**
   * The call's text without all of it, and without what needs it.
   * @returns what is left out besides, as paths in `call.json`; null if there is none, or nothing else
   */
  leaveOut: (call: Call) => { json: string; dropped: readonly string[] } | null;
};

/** An endpoint that counts what a request's input is, which bills nothing. */
export type Counting = {
  /** Its path below `/v1/`. */
  endpoint: string;
  /** The wire of a provider that counts. */
  wire: string;
  /**
   * Parses and checks a request to be counted.
   * @throws ApiError invalid_request or unsupported_parameter, with the field in `param`
   */
  parse: (json: string, maySearch?: MaySearch) => Call;
  /** Whether a provider's answer has a count. */
  isCount: (bytes: Buffer) => boolean;
  /** The body of an answer. */
  answer: (tokens: number) => string;
};

/** Puts the payloads of a stream's events together. */
export type Assembler = {
  /** Adds the next; what is no part of an answer is skipped. */
  add: (payload: string) => void;
  /** What they add up to; null if that has more parts than any answer, or one cannot be read. */
  whole: () => Buffer | null;
};

/**
 * What asks for the usage of a stream or for encrypted reasoning, or the name of the output bound.
 * `by`: whether the error's own fields say so, or its words alone.
 */
export type RefusedField =
  | { kind: "stream_usage"; by: "field" | "words" }
  | { kind: "encrypted_reasoning" }
  | { kind: "output_limit"; otherName: string };

/** What goes upstream differently from what the client sent. */
export type Edits = {
  upstreamModel: string;
  /** The output bound per answer to send to the provider, in place of the client's; null leaves the client's. */
  outputLimitTokens: number | null;
  /** The provider's name for the bound, the only one to send; null if it has none. */
  outputLimitField: string | null;
  /** The budget of reasoning to send besides, where the body has none; null for none. */
  reasoningLimitTokens: number | null;
  /** Whether a stream may be asked for its usage; false removes what the client asks. */
  streamUsage: boolean;
  /** The bound on searches to send in place of the client's; null leaves that. */
  searchLimit: number | null;
  /** Whether to ask for the reasoning, encrypted, where nothing is kept at the provider. */
  encryptedReasoning: boolean;
};

/** The texts of a body as the model reads them, and tokens for the structure around them. */
export type PromptWeight = { texts: string[]; structureTokens: number; characters: number };

/**
 * Fields of a body whose strings, names included, are texts of its prompt, and the tokens for the structure of the
 * others at least: for each object or list, and for each field with another value.
 */
export type PromptSpans = {
  spans: readonly FieldSpan[];
  tokensPerContainer: number;
  tokensPerField: number;
};
