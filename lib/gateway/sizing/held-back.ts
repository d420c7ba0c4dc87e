import { isData } from "#lib/dialects/bounds/data-fields";
import { plainName } from "#lib/dialects/bounds/plain-name";
import type { Call } from "#lib/dialects/call";
import type { FieldSpan } from "#lib/dialects/text/json-fields";
import { walkFields } from "#lib/dialects/text/nested-fields";

/** Output that a body can keep out of a stream while it is generated, and billed. */
export type HeldBack = {
  /**
   * The most that a server may hold back until it knows that the answer does not end there: vLLM always as many
   * characters as the longest text that ends it has (vllm/v1/engine/detokenizer.py, `stop_buffer_length`), others what
   * may be the beginning of one. Each byte may be a token.
   */
  tokens: number;
  /** Whether there may be any number of control tokens, which servers leave out (vLLM's `skip_special_tokens`). */
  isUnbounded: boolean;
};

export const NOTHING_HELD_BACK: HeldBack = { tokens: 0, isUnbounded: false };

type Given = Pick<Call, "json" | "fields">;

const plainNames = (names: readonly string[]): ReadonlySet<string> => new Set(names.map(plainName));

/** Texts that end an answer. */
const STOPS = plainNames(["stop", "stop_sequences", "stop_words", "stop_strings"]);
/** What has a model go on after its end, or write what no text has. */
const CONTROLS = plainNames([
  "ignore_eos",
  "ban_eos_token",
  "min_tokens",
  "min_new_tokens",
  "min_length",
  "eos_token_id",
  "logit_bias",
  "allowed_token_ids",
  "stop_regex",
  "logits_processors",
  "custom_logit_processor",
]);
const OFF: ReadonlySet<string> = new Set(["null", "false", "0", "{}", "[]", '""']);
const LONGEST_OFF = 5;

/** What a body can keep out of a stream, wherever it says so but in its messages and tools. */
export function heldBackBy({ json, fields }: Given): HeldBack {
  const held: HeldBack = { ...NOTHING_HELD_BACK };
  const note = (name: string, { start, end }: FieldSpan) => {
    const plain = plainName(name);
    if (STOPS.has(plain))
      held.tokens = Math.max(held.tokens, longestText(JSON.parse(json.slice(start, end))));
    else if (CONTROLS.has(plain)) held.isUnbounded ||= !isOff(json, start, end);
  };
  for (const [name, span] of fields) {
    if (!isData(plainName(name), json[span.start])) {
      walkFields(json, span.start, [name], {
        enters: (path, first) => !isData(plainName(path.at(-1) ?? ""), first),
        visit: (path, inner) => {
          note(path.at(-1) ?? "", inner);
          return false;
        },
        cuts: [],
      });
    }
    note(name, span);
  }
  return held;
}

const isOff = (json: string, start: number, end: number): boolean =>
  end - start <= LONGEST_OFF && OFF.has(json.slice(start, end));

/** Bytes of the longest text. */
function longestText(value: unknown): number {
  if (typeof value === "string") return Buffer.byteLength(value);
  if (typeof value !== "object" || value === null) return 0;
  return Object.values(value).reduce((most: number, inner) => Math.max(most, longestText(inner)), 0);
}
