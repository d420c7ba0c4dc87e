import type { JsonObject } from "#lib/dialects/text/json-fields";
import { byName } from "#lib/providers/by-name";
import type { Seal } from "#lib/translation/envelope";
import type { Block, CallBlock, MediaBlock, Message, ResultBlock, Turn } from "#lib/translation/turn";
import type { Encoding } from "#lib/translation/wires/encoding";
import { argumentsOf } from "#lib/translation/wires/function-tools";
import type { Notes } from "#lib/translation/wires/notes";
import { splitLeading } from "#lib/translation/wires/turns";
import { mediaPart, titledMedia } from "./media";

type Content = { role: "user" | "model"; parts: readonly JsonObject[] };

/** Of a turn. Results come first, in the order of their calls. */
type TurnParts = { parts: JsonObject[]; results: Result[] };
type Result = { part: JsonObject; order: number };

/** In place of the signature of a call that another maker's model has made (ai.google.dev/gemini-api/docs/thought-signatures). */
const NO_SIGNATURE = "skip_thought_signature_validator";
/** Models that check signatures, and take media in results. */
const SINCE_3 = /gemini-(?:[3-9]|(?:flash|pro|flash-lite)-latest)/;

/** Models that match results to calls by their ids; older ones may reject them (ai.google.dev/gemini-api/docs/whats-new-gemini-3.5). */
const SINCE_3_5 = /gemini-(?:3\.[5-9]|[4-9]|(?:flash|flash-lite)-latest)/;

type Traits = { isSince3: boolean; hasIds: boolean };

const traitsOf = byName(
  (upstreamModel): Traits => ({
    isSince3: SINCE_3.test(upstreamModel),
    hasIds: SINCE_3_5.test(upstreamModel),
  }),
);

type Called = { name: string; order: number };

/** What the parts of a request need to know of it. */
type Context = Encoding & {
  traits: Traits;
  /** The names and places of calls by their ids: results are given by name, of equal names in their order. */
  calls: Map<string, Called> | null;
};

/**
 * The conversation in turns of the user and the model, and the system's words from before it. Results of calls are in
 * one turn, as the API requires; what the system says later is said by the user.
 */
export function contentsOf(
  { messages }: Turn,
  { options, names, notes }: Encoding,
): { systemInstruction: JsonObject | undefined; contents: readonly Content[] } {
  const context: Context = {
    options,
    names,
    notes,
    traits: traitsOf(options.upstreamModel),
    calls: null,
  };
  const { leading, rest } = splitLeading(messages);
  const turns: (TurnParts & Pick<Content, "role">)[] = [];
  for (const message of rest) {
    const role = message.role === "assistant" ? "model" : "user";
    const { parts, results } = partsOf(message, context);
    if (parts.length + results.length === 0) continue;
    const last = turns.at(-1);
    if (last?.role !== role) turns.push({ role, parts, results });
    else {
      for (const part of parts) last.parts.push(part);
      for (const result of results) last.results.push(result);
    }
  }
  const contents = turns.map(
    ({ role, parts, results }): Content => ({ role, parts: withResults(parts, results) }),
  );
  // A call must follow a turn of the user.
  if (contents[0]?.role === "model") contents.unshift({ role: "user", parts: [{ text: "Continue." }] });
  const systemParts: JsonObject[] = [];
  for (const { blocks } of leading) for (const block of blocks) addSaid(block, notes, systemParts);
  return { systemInstruction: systemParts.length === 0 ? undefined : { parts: systemParts }, contents };
}

const withResults = (parts: readonly JsonObject[], results: readonly Result[]): readonly JsonObject[] =>
  results.length === 0
    ? parts
    : [...results.toSorted((one, other) => one.order - other.order).map(({ part }) => part), ...parts];

function partsOf({ role, blocks }: Message, context: Context): TurnParts {
  const said: TurnParts = { parts: [], results: [] };
  if (role === "assistant") addModelParts(blocks, context, said.parts);
  else {
    for (const block of blocks) {
      if (block.kind === "result") addResult(block, context, said);
      else addSaid(block, context.notes, said.parts);
    }
  }
  return said;
}

function addSaid(block: Block, notes: Notes, parts: JsonObject[]): void {
  if (block.kind === "text") parts.push({ text: block.text });
  else for (const part of mediumParts(block, notes)) parts.push(part);
}

const mediumParts = (block: Block, notes: Notes): readonly JsonObject[] =>
  block.kind === "image" || block.kind === "audio" || block.kind === "document"
    ? titledMedia(block, notes)
    : [];

function addModelParts(blocks: readonly Block[], context: Context, parts: JsonObject[]): void {
  let seal: Seal | null = null;
  let hasCall = false;
  const flush = () => {
    // One that belongs to no call came in a part of its own, without text.
    if (seal !== null) parts.push({ text: "", thoughtSignature: seal.data });
    seal = null;
  };
  for (const block of blocks) {
    switch (block.kind) {
      case "think":
        flush();
        if (block.seal === null || !context.options.accepts(block.seal)) context.notes.dropped.push(block.at);
        else {
          if (block.text !== "") parts.push({ text: block.text, thought: true });
          seal = block.seal;
        }
        break;
      case "call":
        parts.push(callPart(block, seal, context, !hasCall));
        hasCall = true;
        seal = null;
        break;
      case "result":
        break;
      case "image":
        for (const part of mediumParts(block, context.notes)) parts.push(signedPicture(part, seal, context));
        seal = null;
        break;
      default:
        flush();
        addSaid(block, context.notes, parts);
    }
  }
  flush();
}

/** A picture that the model has made, each with its signature (ai.google.dev/gemini-api/docs/thought-signatures). */
function signedPicture(part: JsonObject, seal: Seal | null, { traits }: Context): JsonObject {
  if (seal !== null) return { ...part, thoughtSignature: seal.data };
  return traits.isSince3 ? { ...part, thoughtSignature: NO_SIGNATURE } : part;
}

/** Of parallel calls, only the first has a signature. */
function callPart(block: CallBlock, seal: Seal | null, context: Context, isFirst: boolean): JsonObject {
  const name = context.names.sent(block.name);
  context.calls ??= new Map();
  context.calls.set(block.id, { name, order: context.calls.size });
  const id = context.traits.hasIds ? { id: block.id } : {};
  const part = { functionCall: { ...id, name, args: argumentsOf(block) } };
  if (seal !== null) return { ...part, thoughtSignature: seal.data };
  return isFirst && context.traits.isSince3 ? { ...part, thoughtSignature: NO_SIGNATURE } : part;
}

function addResult(block: ResultBlock, context: Context, { parts, results }: TurnParts): void {
  const call = context.calls?.get(block.id);
  if (call === undefined) {
    context.notes.refuse(block, "there is no call before it with this id");
    return;
  }
  const { name, order } = call;
  const texts = block.blocks.map((inner) => (inner.kind === "text" ? inner.text : inner.title));
  const text = texts.filter((words) => words !== null).join("\n");
  const media = block.blocks
    .filter((inner): inner is MediaBlock => inner.kind !== "text")
    .flatMap((inner) => mediaPart(inner, context.notes));
  const { isSince3, hasIds } = context.traits;
  const id = hasIds ? { id: block.id } : {};
  const result = { ...id, name, response: block.isError ? { error: text } : { output: text } };
  // Older models have media beside the result, and so has what Google is to fetch.
  const isWithin = isSince3 && media.every((part) => part.inlineData !== undefined);
  const within = isWithin && media.length > 0 ? { parts: media } : {};
  results.push({ part: { functionResponse: { ...result, ...within } }, order });
  if (!isWithin) for (const part of media) parts.push(part);
}
