import { refuseCostlyJson } from "#lib/dialects/text/json-cost";
import {
  DuplicateField,
  type FieldSpan,
  isObject,
  type JsonObject,
  topLevelFields,
} from "#lib/dialects/text/json-fields";
import { ApiError } from "#lib/http/api-error";
import { asksForNothing, checkedFields, isChatField, outputBoundOf } from "./fields";
import { checkedMessages } from "./messages";
import { isUnsupported, refuseUnsupported } from "./unsupported";

export type ChatRequest = {
  /** The body as the client wrote it. */
  json: string;
  fields: ReadonlyMap<string, FieldSpan>;
  model: string;
  stream: boolean;
  /** Whether the client asked for the usage chunk, which the gate always asks the provider for. */
  includeUsage: boolean;
  streamOptions: JsonObject;
  /** The client's bound on output tokens per choice. */
  maxOutputTokens: number | null;
  choices: number;
  messages: readonly JsonObject[];
  audio: boolean;
};

/**
 * Parses and checks a chat completion's body: what the gate needs to know, and what every provider of the
 * dialect would refuse. Everything else is the provider's to judge and travels untouched.
 * @throws ApiError invalid_request or unsupported_parameter, naming the field in `param`
 */
export function parseChatRequest(json: string): ChatRequest {
  refuseCostlyJson(json);
  const body = parseObject(json);
  const fields = fieldsOf(json);
  const chat = checkedFields(body);
  refuseUnsupported(chat, body);
  return {
    json,
    fields,
    model: chat.model,
    stream: chat.stream ?? false,
    includeUsage: chat.stream_options?.include_usage ?? false,
    streamOptions: isObject(body.stream_options) ? body.stream_options : {},
    maxOutputTokens: outputBoundOf(chat),
    choices: chat.n ?? 1,
    messages: checkedMessages(body.messages, { mayBeNull: asksForNothing(chat) }),
    audio: chat.modalities?.includes("audio") ?? false,
  };
}

function parseObject(json: string): JsonObject {
  let body: unknown;
  try {
    body = JSON.parse(json);
  } catch {
    throw new ApiError("invalid_request", "The request body is not valid JSON.");
  }
  if (isObject(body)) return body;
  throw new ApiError("invalid_request", "The request body must be a JSON object.");
}

function fieldsOf(json: string): Map<string, FieldSpan> {
  try {
    const fields = topLevelFields(json);
    for (const name of fields.keys())
      refuseAmbiguous(name, (plain) => isChatField(plain) || isUnsupported(plain));
    // Whether a stream's usage is reported is read from here as well.
    const options = fields.get("stream_options");
    if (options && json[options.start] === "{") {
      for (const name of topLevelFields(json.slice(options.start, options.end)).keys()) {
        refuseAmbiguous(name, (plain) => plain === "include_usage");
      }
    }
    return fields;
  } catch (error) {
    if (!(error instanceof DuplicateField)) throw error;
    throw new ApiError("invalid_request", error.message, { param: error.field });
  }
}

/**
 * Providers written in Go take `Model` for `model`, whichever comes last: what the gate reads under one name
 * must not stand there under another.
 */
function refuseAmbiguous(name: string, isRead: (plain: string) => boolean): void {
  if (/^[a-z0-9_]*$/.test(name)) return;
  const plain = name.normalize("NFKC").toLowerCase();
  if (plain === name || !isRead(plain)) return;
  const param = name.slice(0, 100);
  throw new ApiError(
    "invalid_request",
    `Some providers read the field "${param}" as "${plain}". Call it that.`,
    {
      param,
    },
  );
}
