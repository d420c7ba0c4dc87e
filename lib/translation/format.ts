import type { Dialect } from "#lib/dialects/dialect";
import type { JsonObject } from "#lib/dialects/text/json-fields";
import type { Reader, Writer } from "./delta";
import type { Bounds, Encoded, EncodeOptions, Turn } from "./turn";

/** A request that an answer belongs to. */
type Asked = {
  turn: Turn;
  /** The client's names of tools by those that were sent instead. */
  toolNames: ReadonlyMap<string, string>;
};

/** What a writer needs of the request. */
export type WriteOptions = Asked & {
  requestId: string;
  /** The client's name of the model. */
  model: string;
  /** The client's names of tools that take a text. */
  customTools: ReadonlySet<string>;
};

/** A dialect that is translated. */
export type ClientFormat = {
  dialect: Dialect;
  /** @param body a body that the dialect's `parse` has accepted */
  decode: (body: JsonObject) => Turn;
  writer: (options: WriteOptions) => Writer;
};

/** What a reader needs of the request. */
export type ReadOptions = Asked & {
  upstreamModel: string;
  /** Names whose credentials the answer's seals are good for. */
  scope: string;
};

/** A wire that is translated to. */
export type WireFormat = {
  /** As a provider type names it (`Wire.dialect`). */
  name: string;
  /** Whose opaque tokens a model reads. */
  makerOf: (upstreamModel: string) => string;
  encode: (turn: Turn, options: EncodeOptions) => Encoded;
  /**
   * An encoded request with other bounds than those that it was encoded with, where they change only the bound itself: it is
   * cheaper than to encode it again. Null where more depends on them; absent: always.
   */
  rebound?: (body: JsonObject, turn: Turn, bounds: Bounds) => JsonObject | null;
  /** The output bound that it sends; absent: `maxTokens`. */
  sentBound?: (options: Bounds) => number | null;
  /** The most bytes that it writes besides what all wires do (own-words.ts); absent: none. */
  ownBytes?: (turn: Turn) => number;
  reader: (options: ReadOptions) => Reader;
  /**
   * Whether an event begins an answer, on a wire whose servers may append answers to a stream; false for all where no
   * event does. Absent: none does append.
   */
  beginsAnswer?: (payload: string) => boolean;
};
