import type { JsonObject } from "#lib/dialects/text/json-fields";
import type {
  Block,
  CallBlock,
  MediaBlock,
  ResultBlock,
  TextBlock,
  ThinkBlock,
  Turn,
} from "#lib/translation/turn";
import type { Encoding } from "#lib/translation/wires/encoding";
import { argumentsText } from "#lib/translation/wires/function-tools";
import { picturesByUser } from "#lib/translation/wires/made-pictures";
import { leaveOut } from "#lib/translation/wires/notes";
import { shortIds } from "#lib/translation/wires/short-ids";
import { proofOf } from "./proof";

type Context = Encoding & { id: (id: string) => string };

/** The most characters that OpenAI takes of a call's id. */
const MOST_OF_ID = 64;

/** The conversation as items, in its order. */
export function itemsOf({ messages }: Turn, encoding: Encoding): readonly JsonObject[] {
  const context: Context = { ...encoding, id: shortIds(MOST_OF_ID) };
  return picturesByUser(messages, encoding.notes).flatMap(({ role, blocks }) =>
    role === "assistant" ? answerItems(blocks, context) : saidItems(role, blocks, context),
  );
}

/** Results are items of their own, before what else is said. */
function saidItems(role: "user" | "system", blocks: readonly Block[], context: Context): JsonObject[] {
  const results = blocks.filter((block): block is ResultBlock => block.kind === "result");
  const content = blocks.flatMap((block) => partOf(block, context));
  return [
    ...results.map((result) => resultItem(result, context)),
    ...(content.length === 0
      ? []
      : [{ type: "message", role: role === "system" ? "developer" : role, content }]),
  ];
}

function answerItems(blocks: readonly Block[], context: Context): JsonObject[] {
  return blocks.flatMap((block): JsonObject[] => {
    switch (block.kind) {
      case "think":
        return thoughtItem(block, context);
      case "call":
        return [callItem(block, context)];
      case "text":
        return [{ type: "message", role: "assistant", content: [{ type: "output_text", text: block.text }] }];
      default:
        return [];
    }
  });
}

/** Reasoning in its encrypted form, which only its maker has made; any other is left out. */
function thoughtItem({ seal, text, at }: ThinkBlock, { options, notes }: Context): JsonObject[] {
  if (seal === null || !options.accepts(seal)) {
    notes.dropped.push(at);
    return [];
  }
  const { id, encrypted } = proofOf(seal.data);
  return [
    {
      type: "reasoning",
      ...(id === null ? {} : { id }),
      summary: text === "" ? [] : [{ type: "summary_text", text }],
      encrypted_content: encrypted,
    },
  ];
}

const callItem = (call: CallBlock, context: Context): JsonObject => ({
  type: "function_call",
  call_id: context.id(call.id),
  name: context.names.sent(call.name),
  arguments: argumentsText(call),
});

/** The dialect has no mark for a result that is an error. */
function resultItem({ id, blocks, isError }: ResultBlock, context: Context): JsonObject {
  const marked: readonly (TextBlock | MediaBlock)[] = isError ? asError(blocks) : blocks;
  const isTextAlone = marked.every(({ kind }) => kind === "text");
  return {
    type: "function_call_output",
    call_id: context.id(id),
    output: isTextAlone
      ? marked.map((block) => (block.kind === "text" ? block.text : "")).join("\n\n")
      : marked.flatMap((block) => partOf(block, context)),
  };
}

function asError(blocks: ResultBlock["blocks"]): ResultBlock["blocks"] {
  const [first, ...others] = blocks;
  if (first?.kind === "text") return [{ ...first, text: `Error: ${first.text}` }, ...others];
  return [{ kind: "text", text: "Error", at: first?.at ?? "", cache: null }, ...blocks];
}

function partOf(block: Block, { notes }: Context): JsonObject[] {
  switch (block.kind) {
    case "text":
      return [{ type: "input_text", text: block.text }];
    case "image":
      return [
        { type: "input_image", image_url: urlOf(block, "image/jpeg"), detail: block.detail?.value ?? "auto" },
      ];
    case "document":
      return documentPart(block);
    default:
      return leaveOut(block, notes);
  }
}

function documentPart(block: MediaBlock): JsonObject[] {
  const { source, title } = block;
  switch (source.kind) {
    case "text":
      return [{ type: "input_text", text: title === null ? source.text : `${title}\n\n${source.text}` }];
    case "url":
      return [{ type: "input_file", file_url: source.url }];
    case "data":
      return [
        {
          type: "input_file",
          filename: title ?? "document.pdf",
          file_data: urlOf(block, "application/pdf"),
        },
      ];
  }
}

function urlOf({ source }: MediaBlock, defaultType: string): string {
  if (source.kind === "data") return `data:${source.mediaType || defaultType};base64,${source.base64}`;
  return source.kind === "url" ? source.url : "";
}
