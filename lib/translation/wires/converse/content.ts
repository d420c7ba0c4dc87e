import type { JsonObject } from "#lib/dialects/text/json-fields";
import { redactedIn } from "#lib/translation/envelope";
import type { Block, CacheMark, CallBlock, EncodeOptions, ResultBlock, Turn } from "#lib/translation/turn";
import { argumentsOf } from "#lib/translation/wires/function-tools";
import { picturesByUser } from "#lib/translation/wires/made-pictures";
import { type Notes, ownSeal } from "#lib/translation/wires/notes";
import type { ToolNames } from "#lib/translation/wires/tool-names";
import { type Said, safeIds, splitLeading, takingTurns } from "#lib/translation/wires/turns";
import { type DocumentNames, documentNames, mediaBlock } from "./media";
import type { ConverseTraits } from "./models";
import { calledInWords, resultInWords, SEE_DOCUMENT } from "./own-words";

type Context = {
  options: EncodeOptions;
  traits: ConverseTraits;
  names: ToolNames;
  notes: Notes;
  id: (id: string) => string;
  documents: DocumentNames;
  /** Names of calls by their ids. */
  calls: Map<string, string>;
  /** Whether calls and results are said in words, since the request has no tools. */
  isToolless: boolean;
};

/** docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolUseBlock.html */
const UNSAFE_IN_ID = /[^A-Za-z0-9_-]/g;
const MOST_OF_ID = 64;

/**
 * The conversation in turns of the user and the assistant, with the results of parallel calls in one, and the system's
 * words from before it. What the system says later is said by the user.
 */
export function conversationOf(
  { messages }: Turn,
  options: EncodeOptions,
  traits: ConverseTraits,
  names: ToolNames,
  notes: Notes,
  isToolless: boolean,
): { system: readonly JsonObject[]; messages: readonly Said[] } {
  const context: Context = {
    options,
    traits,
    names,
    notes,
    id: safeIds(
      traits.hasShortIds ? shortId : (id) => id.replace(UNSAFE_IN_ID, "_").slice(0, MOST_OF_ID) || "call",
    ),
    documents: documentNames(),
    calls: new Map(),
    isToolless,
  };
  const { leading, rest } = splitLeading(picturesByUser(messages, notes));
  const turns = takingTurns(rest, (block) => contentOf(block, context), {
    isResult: ({ toolResult }) => toolResult !== undefined,
    opening: { text: "Continue." },
  });
  for (const { role, content } of turns) if (role === "user") addWords(content);
  const system = leading.flatMap(({ blocks }) => blocks.flatMap((block) => saidBlocks(block, context)));
  return { system, messages: turns };
}

/** Mistral's models know no others. */
const shortId = (id: string, number: number): string =>
  /^[A-Za-z0-9]{9}$/.test(id) ? id : `call${String(number).padStart(5, "0")}`;

/** A document must be accompanied by words (docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Message.html). */
function addWords(content: JsonObject[]): void {
  const hasDocument = content.some(({ document }) => document !== undefined);
  if (hasDocument && content.every(({ text }) => text === undefined)) content.push({ text: SEE_DOCUMENT });
}

function contentOf(block: Block, context: Context): JsonObject[] {
  switch (block.kind) {
    case "think":
      return thoughtBlocks(block, context);
    case "call":
      return callBlocks(block, context);
    case "result":
      return resultBlocks(block, context);
    default:
      return saidBlocks(block, context);
  }
}

/** Reasoning with its proof; without one of the same maker's model it is left out, since Bedrock refuses it. */
function thoughtBlocks(block: Extract<Block, { kind: "think" }>, { options, notes }: Context): JsonObject[] {
  const seal = ownSeal(block, options, notes);
  if (seal === null) return [];
  const { text } = block;
  const redacted = redactedIn(seal);
  return [
    {
      reasoningContent:
        redacted === null ? { reasoningText: { text, signature: seal.data } } : { redactedContent: redacted },
    },
  ];
}

function callBlocks(block: CallBlock, context: Context): JsonObject[] {
  const name = context.names.sent(block.name);
  context.calls.set(block.id, name);
  const mark = cachePoint(block, context, context.isToolless);
  if (context.isToolless) return [{ text: calledInWords(name, block.args) }, ...mark];
  return [{ toolUse: { toolUseId: context.id(block.id), name, input: argumentsOf(block) } }, ...mark];
}

function resultBlocks(block: ResultBlock, context: Context): JsonObject[] {
  const name = context.calls.get(block.id);
  if (name === undefined) {
    context.notes.refuse(block, "there is no call before it with this id");
    return [];
  }
  // A mark is no content of a result.
  const content = block.blocks.flatMap((inner) => saidBlocks({ ...inner, cache: null }, context));
  const inner = block.blocks.find(({ cache }) => cache !== null);
  const mark = cachePoint(block.cache === null ? (inner ?? block) : block, context, context.isToolless);
  if (context.isToolless) {
    const [before, after] = resultInWords(name, block.isError);
    return [{ text: before }, ...content, { text: after }, ...mark];
  }
  const { hasStatus } = context.traits;
  return [
    {
      toolResult: {
        toolUseId: context.id(block.id),
        content:
          content.length === 0 ? [{ json: {} }] : isStatusLost(block, hasStatus) ? asError(content) : content,
        ...(block.isError && hasStatus ? { status: "error" } : {}),
      },
    },
    ...mark,
  ];
}

const isStatusLost = ({ isError }: ResultBlock, hasStatus: boolean) => isError && !hasStatus;
/** In words, for models that have no status. */
const asError = (content: readonly JsonObject[]): JsonObject[] => [{ text: "Error:" }, ...content];

/** A text, a picture or a document. Texts of white space alone are refused. */
function saidBlocks(block: Block, context: Context): JsonObject[] {
  const mark = cachePoint(block, context);
  switch (block.kind) {
    case "text":
      return block.text.trim() === "" ? [] : [{ text: block.text }, ...mark];
    case "image":
    case "document":
    case "audio":
      return [...mediaBlock(block, context), ...mark];
    default:
      return [];
  }
}

type Marked = { at: string; cache: CacheMark | null };

/** Nova takes none beside calls and results. */
function cachePoint(
  marked: Marked,
  { traits, notes }: Pick<Context, "traits" | "notes">,
  isSaid = true,
): JsonObject[] {
  const isPossible =
    traits.cachePoints === "everywhere" || (traits.cachePoints === "outside_tools" && isSaid);
  return cachePointAfter(marked, isPossible, traits, notes);
}

/** A mark after what it is on, up to which a request is cached. */
export function cachePointAfter(
  { cache, at }: Marked,
  isPossible: boolean,
  { hasHourlyCache }: ConverseTraits,
  notes: Notes,
): JsonObject[] {
  if (cache === null) return [];
  if (!isPossible) {
    notes.dropped.push(`${at}.cache_control`);
    return [];
  }
  if (cache === "1h" && !hasHourlyCache) notes.dropped.push(`${at}.cache_control.ttl`);
  const ttl = cache === "1h" && hasHourlyCache ? { ttl: "1h" } : {};
  return [{ cachePoint: { type: "default", ...ttl } }];
}
