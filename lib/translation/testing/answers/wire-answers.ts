import type { Usage } from "#lib/credit/prices/meters";
import type { JsonObject } from "#lib/dialects/text/json-fields";

/** A provider's answer in both forms. */
export type RawAnswer = { whole: JsonObject; events: string };

/** What a wire's provider answers: a column of the matrix of answers. */
export type WireAnswers = {
  model: string;
  /** By the row's name; absent where the provider has no such thing. */
  rows: Readonly<Partial<Record<string, RawAnswer>>>;
  /** By the row's name: where the provider says so. */
  where?: Readonly<Partial<Record<string, string>>>;
  /** A call whose arguments come in parts, if the provider streams them. */
  calling: string;
  /** What the ledger counts of each answer. */
  counted: Partial<Usage>;
  /** Streams that go wrong: at once, after some text, and without an end. */
  failing: { first: string; late: string; cut: string };
};
