import type { Citation, Span } from "#lib/translation/citation";
import type { Delta } from "#lib/translation/delta";
import type { ReadOptions } from "#lib/translation/format";
import { type AnswerCall, beginCall } from "./answer-call";
import { answerText } from "./answer-text";
import { citesOf } from "./cited-values";

/** The blocks of an answer on wires where each begins and ends: what is added belongs to the one that is being read. */
export type AnswerBlocks = {
  /** How many calls have begun. */
  calls: () => number;
  /** Whether a call is being read. */
  isCall: () => boolean;
  text: (text: unknown, out: Delta[]) => void;
  think: (text: unknown, out: Delta[]) => void;
  /** Adds to the signature of its reasoning. */
  sign: (signature: unknown) => void;
  /** Cites a source, which may be named before the text that relies on it. */
  cite: (citation: unknown) => void;
  /** Begins a call. */
  call: (name: string, id: unknown, out: Delta[]) => void;
  args: (json: string, out: Delta[]) => void;
  /** Adds what a block says at its end. */
  stop: (out: Delta[]) => void;
};

export function answerBlocks(
  { scope, toolNames }: Pick<ReadOptions, "scope" | "toolNames">,
  {
    maker,
    idPrefix,
    citationIn,
  }: {
    maker: string;
    idPrefix: string;
    citationIn: (citation: unknown, span: Span) => Citation | null;
  },
): AnswerBlocks {
  let calls = 0;
  let call: AnswerCall | null = null;
  let signature = "";
  let cited: unknown[] = [];
  const said = answerText();
  let start = 0;

  return {
    calls: () => calls,
    isCall: () => call !== null,
    text: said.add,
    think(text, out) {
      if (typeof text === "string" && text !== "") out.push({ kind: "think", text });
    },
    sign(part) {
      if (typeof part === "string") signature += part;
    },
    cite(citation) {
      cited.push(citation);
    },
    call(name, id, out) {
      call = beginCall({ index: calls++, name, id }, { idPrefix, toolNames }, out);
    },
    args: (json, out) => call?.args(json, out),
    stop(out) {
      if (signature !== "") out.push({ kind: "seal", seal: { maker, scope, data: signature } });
      signature = "";
      const span = { start, end: said.count() };
      for (const cite of citesOf(cited, span, citationIn)) out.push(cite);
      cited = [];
      start = span.end;
      call?.close(out);
      call = null;
    },
  };
}
