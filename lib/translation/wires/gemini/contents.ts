import type { JsonObject } from "#lib/dialects/text/json-fields";
import type { Seal } from "#lib/translation/envelope";
import type { Block, CallBlock, MediaBlock, Message, ResultBlock, Turn } from "#lib/translation/turn";
import type { Encoding } from "#lib/translation/wires/encoding";
import { argumentsOf } from "#lib/translation/wires/function-tools";
import type { Notes } from "#lib/translation/wires/notes";
import { splitLeading } from "#lib/translation/wires/turns";
import { mediaPart, titledMedia } from "./media";

type Content = { role: "user" | "model"; parts: readonly JsonObject[] };

/** A part and its place in its turn: results come first, in the order of their calls. */
type Placed = { part: JsonObject; order: number };
type PlacedContent = { role: Content["role"]; placed: Placed[] };
const AFTER_RESULTS = Number.POSITIVE_INFINITY;

/** In place of the signature of a call that another maker's model has made (ai.google.dev/gemini-api/docs/thought-signatures). */
const NO_SIGNATURE = "skip_thought_signature_validator";
/** Models that check signatures, and take media in results. */
const SINCE_3 = /gemini-(?:[3-9]|(?:flash|pro|flash-lite)-latest)/;

/** Models that match results to calls by their ids; older ones may reject them (ai.google.dev/gemini-api/docs/whats-new-gemini-3.5). */
const SINCE_3_5 = /gemini-(?:3\.[5-9]|[4-9]|(?:flash|flash-lite)-latest)/;

/** What the parts of a request need to know of it. */
type Context = Encoding & {
  isSince3: boolean;
  hasIds: boolean;
  /** The names and places of calls by their ids: results are given by name, of equal names in their order. */
  calls: Map<string, { name: string; order: number }>;
};

/**
 * The conversation in turns of the user and the model, and the system's words from before it. Results of calls are in
 * one turn, as the API requires; what the system says later is said by the user.
 */
export function contentsOf(
  { messages }: Turn,
  encoding: Encoding,
): { systemInstruction: JsonObject | null; contents: readonly Content[] } {
  const context: Context = {
    ...encoding,
    isSince3: SINCE_3.test(encoding.options.upstreamModel),
    hasIds: SINCE_3_5.test(encoding.options.upstreamModel),
    calls: new Map(),
  };
  const { leading, rest } = splitLeading(messages);
  const turns: PlacedContent[] = [];
  for (const message of rest) {
    const role = message.role === "assistant" ? "model" : "user";
    const placed = partsOf(message, context);
    if (placed.length === 0) continue;
    const last = turns.at(-1);
    if (last?.role === role) for (const part of placed) last.placed.push(part);
    else turns.push({ role, placed });
  }
  const contents = turns.map(({ role, placed }): Content => ({ role, parts: inOrder(placed) }));
  // A call must follow a turn of the user.
  if (contents[0]?.role === "model") contents.unshift({ role: "user", parts: [{ text: "Continue." }] });
  const systemParts = leading.flatMap(({ blocks }) =>
    blocks.flatMap((block) => saidPart(block, encoding.notes)),
  );
  return { systemInstruction: systemParts.length === 0 ? null : { parts: systemParts }, contents };
}

const inOrder = (placed: readonly Placed[]): readonly JsonObject[] =>
  placed
    .toSorted((one, other) => (one.order < other.order ? -1 : one.order > other.order ? 1 : 0))
    .map(({ part }) => part);

const afterResults = (part: JsonObject): Placed => ({ part, order: AFTER_RESULTS });

function partsOf(message: Message, context: Context): Placed[] {
  if (message.role === "assistant") return modelParts(message.blocks, context).map(afterResults);
  return message.blocks.flatMap((block) =>
    block.kind === "result" ? resultParts(block, context) : saidPart(block, context.notes).map(afterResults),
  );
}

function saidPart(block: Block, notes: Notes): JsonObject[] {
  if (block.kind === "text") return [{ text: block.text }];
  if (block.kind === "image" || block.kind === "audio" || block.kind === "document")
    return titledMedia(block, notes);
  return [];
}

function modelParts(blocks: readonly Block[], context: Context): JsonObject[] {
  const parts: JsonObject[] = [];
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
        parts.push(...saidPart(block, context.notes).map((part) => signedPicture(part, seal, context)));
        seal = null;
        break;
      default:
        flush();
        parts.push(...saidPart(block, context.notes));
    }
  }
  flush();
  return parts;
}

/** A picture that the model has made, each with its signature (ai.google.dev/gemini-api/docs/thought-signatures). */
function signedPicture(part: JsonObject, seal: Seal | null, { isSince3 }: Context): JsonObject {
  if (seal !== null) return { ...part, thoughtSignature: seal.data };
  return isSince3 ? { ...part, thoughtSignature: NO_SIGNATURE } : part;
}

/** Of parallel calls, only the first has a signature. */
function callPart(block: CallBlock, seal: Seal | null, context: Context, isFirst: boolean): JsonObject {
  const name = context.names.sent(block.name);
  context.calls.set(block.id, { name, order: context.calls.size });
  const id = context.hasIds ? { id: block.id } : {};
  const part = { functionCall: { ...id, name, args: argumentsOf(block) } };
  if (seal !== null) return { ...part, thoughtSignature: seal.data };
  return isFirst && context.isSince3 ? { ...part, thoughtSignature: NO_SIGNATURE } : part;
}

function resultParts(block: ResultBlock, context: Context): Placed[] {
  const call = context.calls.get(block.id);
  if (call === undefined) {
    context.notes.refuse(block, "there is no call before it with this id");
    return [];
  }
  const { name, order } = call;
  const texts = block.blocks.map((inner) => (inner.kind === "text" ? inner.text : inner.title));
  const text = texts.filter((words) => words !== null).join("\n");
  const media = block.blocks
    .filter((inner): inner is MediaBlock => inner.kind !== "text")
    .flatMap((inner) => mediaPart(inner, context.notes));
  const id = context.hasIds ? { id: block.id } : {};
  const result = { ...id, name, response: block.isError ? { error: text } : { output: text } };
  // Older models have media beside the result, and so has what Google is to fetch.
  const isWithin = context.isSince3 && media.every((part) => part.inlineData !== undefined);
  if (!isWithin) return [{ part: { functionResponse: result }, order }, ...media.map(afterResults)];
  const parts = media.length === 0 ? {} : { parts: media };
  return [{ part: { functionResponse: { ...result, ...parts } }, order }];
}
