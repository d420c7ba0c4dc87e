import type { JsonObject } from "#lib/dialects/text/json-fields";
import type { Seal } from "#lib/translation/envelope";
import type {
  Block,
  CallBlock,
  EncodeOptions,
  MediaBlock,
  Message,
  ResultBlock,
  TextBlock,
  Turn,
} from "#lib/translation/turn";
import { argumentsOf } from "#lib/translation/wires/function-tools";
import type { Notes } from "#lib/translation/wires/notes";
import type { ToolNames } from "#lib/translation/wires/tool-names";

type Content = { role: "user" | "model"; parts: JsonObject[] };

/** In place of the signature of a call that another maker's model has made (ai.google.dev/gemini-api/docs/thought-signatures). */
const NO_SIGNATURE = "skip_thought_signature_validator";
/** Models that check signatures, and take media in results. */
const SINCE_3 = /gemini-(?:[3-9]|(?:flash|pro|flash-lite)-latest)/;

/** What the parts of a request need to know of it. */
type Context = {
  options: EncodeOptions;
  names: ToolNames;
  notes: Notes;
  isSince3: boolean;
  /** The names of calls by their ids: results are given by name. */
  calls: Map<string, string>;
};

/**
 * The conversation in turns of the user and the model, and the system's words from before it. Results of calls are in
 * one turn, as the API requires; what the system says later is said by the user.
 */
export function contentsOf(
  { messages }: Turn,
  options: EncodeOptions,
  names: ToolNames,
  notes: Notes,
): { systemInstruction: JsonObject | null; contents: readonly Content[] } {
  const context: Context = {
    options,
    names,
    notes,
    isSince3: SINCE_3.test(options.upstreamModel),
    calls: new Map(),
  };
  const firstTurn = messages.findIndex(({ role }) => role !== "system");
  // A request must have a turn of the user.
  const leading = firstTurn === -1 ? [] : messages.slice(0, firstTurn);
  const contents: Content[] = [];
  for (const message of messages.slice(leading.length)) {
    const role = message.role === "assistant" ? "model" : "user";
    const parts = partsOf(message, context, firstTurn === -1);
    if (parts.length === 0) continue;
    const last = contents.at(-1);
    if (last?.role === role) last.parts.push(...parts);
    else contents.push({ role, parts });
  }
  // A call must follow a turn of the user.
  if (contents[0]?.role === "model") contents.unshift({ role: "user", parts: [{ text: "Continue." }] });
  for (const content of contents) if (content.role === "user") content.parts = resultsFirst(content.parts);
  const systemParts = leading.flatMap(({ blocks }) => blocks.flatMap((block) => saidPart(block, context)));
  return { systemInstruction: systemParts.length === 0 ? null : { parts: systemParts }, contents };
}

function resultsFirst(parts: readonly JsonObject[]): JsonObject[] {
  const isResult = (part: JsonObject) => part.functionResponse !== undefined;
  return parts.some(isResult)
    ? [...parts.filter(isResult), ...parts.filter((part) => !isResult(part))]
    : [...parts];
}

function partsOf(message: Message, context: Context, isSystemAlone: boolean): JsonObject[] {
  if (message.role === "assistant") return modelParts(message.blocks, context);
  const isSystem = message.role === "system" && !isSystemAlone;
  return message.blocks.flatMap((block) => {
    if (block.kind === "result") return resultParts(block, context);
    if (isSystem && block.kind === "text") return [{ text: `<system>${block.text}</system>` }];
    return saidPart(block, context);
  });
}

function saidPart(block: Block, context: Context): JsonObject[] {
  if (block.kind === "text") return [{ text: block.text }];
  if (block.kind === "image" || block.kind === "audio" || block.kind === "document")
    return [mediaPart(block, context)];
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
      default:
        flush();
        parts.push(...saidPart(block, context));
    }
  }
  flush();
  return parts;
}

/** Of parallel calls, only the first has a signature. */
function callPart(block: CallBlock, seal: Seal | null, context: Context, isFirst: boolean): JsonObject {
  const name = context.names.sent(block.name);
  context.calls.set(block.id, name);
  const part = { functionCall: { name, args: argumentsOf(block) } };
  if (seal !== null) return { ...part, thoughtSignature: seal.data };
  return isFirst && context.isSince3 ? { ...part, thoughtSignature: NO_SIGNATURE } : part;
}

function resultParts(block: ResultBlock, context: Context): JsonObject[] {
  const name = context.calls.get(block.id);
  if (name === undefined) {
    context.notes.refuse(block, "there is no call before it with this id");
    return [];
  }
  const texts = block.blocks.filter((inner): inner is TextBlock => inner.kind === "text");
  const text = texts.map((inner) => inner.text).join("\n");
  const media = block.blocks
    .filter((inner): inner is MediaBlock => inner.kind !== "text")
    .map((inner) => mediaPart(inner, context));
  const response = block.isError ? { error: text } : { output: text };
  if (!context.isSince3) return [{ functionResponse: { name, response } }, ...media];
  const isInline = media.every((part) => part.inlineData !== undefined);
  if (!isInline) return [{ functionResponse: { name, response } }, ...media];
  return [{ functionResponse: { name, response, ...(media.length === 0 ? {} : { parts: media }) } }];
}

/** Google fetches what has an address, if it can. */
function mediaPart({ kind, source }: MediaBlock, _context: Context): JsonObject {
  switch (source.kind) {
    case "data":
      return { inlineData: { mimeType: source.mediaType || DEFAULT_TYPE[kind], data: source.base64 } };
    case "url":
      return { fileData: { fileUri: source.url, mimeType: typeOfUrl(source.url) ?? DEFAULT_TYPE[kind] } };
    case "text":
      return { text: source.text };
  }
}

const DEFAULT_TYPE = { image: "image/jpeg", audio: "audio/wav", document: "application/pdf" } as const;
const TYPES: Readonly<Record<string, string>> = {
  png: "image/png",
  webp: "image/webp",
  gif: "image/gif",
  heic: "image/heic",
  heif: "image/heif",
  pdf: "application/pdf",
  mp3: "audio/mp3",
};

function typeOfUrl(url: string): string | undefined {
  const [, extension = ""] = /\.([a-z0-9]{2,5})(?:[?#]|$)/i.exec(url) ?? [];
  return TYPES[extension.toLowerCase()];
}
