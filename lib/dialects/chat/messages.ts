import { ofCacheMarks } from "#lib/dialects/conversation/cache-marks";
import { checkEach } from "#lib/dialects/conversation/check-each";
import { isNothing, isText, kept, type Verdict, wrong } from "#lib/dialects/conversation/fault";
import { ofEach, ofPart } from "#lib/dialects/conversation/parts";
import { invalidField } from "#lib/dialects/errors/invalid-field";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";

const STORED_FILE = "fileid://";

type Options = {
  /** Whether required content may be `null`. */
  mayBeNull: boolean;
};

/**
 * Checks a conversation: roles, content as text or as parts, tool calls and their results. Without a schema,
 * since there may be tens of thousands of messages and the first fault is enough.
 * @throws ApiError invalid_request, or unsupported_parameter for what is stored at a provider; `param` names
 * the place
 */
export function checkMessages(value: unknown, options: Options): readonly JsonObject[] {
  if (!Array.isArray(value) || value.length === 0)
    throw invalidField("messages", "must be a list of at least one message");
  return checkEach("messages", value, ofMessage, options);
}

function ofMessage(message: JsonObject, options: Options): Verdict {
  const { role, content, name } = message;
  if (!isNothing(name) && typeof name !== "string") return wrong(".name", "must be a string");
  const marked = ofCacheMarks(message);
  if (marked !== undefined) return marked;
  switch (role) {
    case "assistant":
      return ofContent(content) ?? ofAnswer(message);
    case "system":
    case "developer":
      return ofStoredFiles(content) ?? ofSpoken(content, options);
    case "user":
      return ofSpoken(content, options);
    case "tool":
      return isText(message.tool_call_id)
        ? ofSpoken(content, options)
        : wrong(".tool_call_id", "must be the id of the call that this answers");
    case "function":
      return isText(name) ? ofContent(content) : wrong(".name", "must be the function's name");
    default:
      return wrong(".role", "must be system, developer, user, assistant, tool or function");
  }
}

/** Alibaba reads files that a system message names (help.aliyun.com/zh/model-studio/long-context-qwen-long). */
function ofStoredFiles(content: unknown): Verdict {
  if (typeof content === "string") return content.includes(STORED_FILE) ? kept(".content") : undefined;
  if (!Array.isArray(content)) return undefined;
  // As a template joins them.
  const texts = content.map((part) => (isObject(part) && typeof part.text === "string" ? part.text : ""));
  return texts.join("").includes(STORED_FILE) ? kept(".content") : undefined;
}

/** Content that a role requires. */
function ofSpoken(content: unknown, { mayBeNull }: Options): Verdict {
  if (content === undefined || (content === null && !mayBeNull)) {
    return wrong(".content", "must be a string or a list of parts");
  }
  return ofContent(content);
}

function ofContent(content: unknown): Verdict {
  if (isNothing(content) || typeof content === "string") return undefined;
  if (!Array.isArray(content)) return wrong(".content", "must be a string or a list of parts");
  return ofEach(".content", content, ofPart);
}

/** What an assistant's message may have besides its content. */
function ofAnswer({ tool_calls: calls, function_call: call, audio }: JsonObject): Verdict {
  if (isObject(audio) && !isNothing(audio.id)) return kept(".audio.id");
  if (!isNothing(call)) {
    if (!isObject(call) || !isText(call.name)) return wrong(".function_call", "must name a function");
  }
  if (isNothing(calls)) return undefined;
  return Array.isArray(calls)
    ? ofEach(".tool_calls", calls, ofToolCall)
    : wrong(".tool_calls", "must be a list of calls");
}

function ofToolCall(call: unknown): Verdict {
  if (!isObject(call)) return wrong("", "must be an object");
  const marked = ofCacheMarks(call);
  if (marked !== undefined) return marked;
  if (!isText(call.id)) return wrong(".id", "must be the call's id");
  if (call.type === "custom") {
    return isObject(call.custom) && isText(call.custom.name)
      ? undefined
      : wrong(".custom.name", "must be the tool's name");
  }
  if (!isObject(call.function)) return wrong(".function", "must be an object");
  const inside = ofCacheMarks(call.function);
  if (inside !== undefined) return { ...inside, at: `.function${inside.at}` };
  const { name, arguments: given } = call.function;
  if (!isText(name)) return wrong(".function.name", "must be the function's name");
  // OpenAI accepts a string, some others an object too.
  if (isNothing(given) || typeof given === "string" || isObject(given)) return undefined;
  return wrong(".function.arguments", "must be a string of JSON");
}
