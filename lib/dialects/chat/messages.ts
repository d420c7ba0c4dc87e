import { isLongCache } from "#lib/dialects/bounds/unsupported-fields";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import type { ApiError } from "#lib/http/api-error";
import { invalidField } from "./fields";
import { cachedTooLong, keptAtProvider } from "./unsupported";

/** What is wrong with a value, and where in it (`.content[0].type`). */
type Fault = { at: string; error: (param: string) => ApiError };
/** Undefined for a valid value. */
type Verdict = Fault | undefined;

const wrong = (at: string, what: string): Fault => ({ at, error: (param) => invalidField(param, what) });
const kept = (at: string): Fault => ({ at, error: keptAtProvider });
const TOO_LONG: Fault = { at: ".cache_control", error: cachedTooLong };
const isText = (value: unknown): value is string => typeof value === "string" && value !== "";
const isNothing = (value: unknown) => value === undefined || value === null;

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
  return value.map((message: unknown, at) => {
    if (!isObject(message)) throw invalidField(`messages[${at}]`, "must be an object");
    const fault = ofMessage(message, options);
    if (fault) throw fault.error(`messages[${at}]${fault.at}`);
    return message;
  });
}

function ofMessage(message: JsonObject, options: Options): Verdict {
  const { role, content, name } = message;
  if (!isNothing(name) && typeof name !== "string") return wrong(".name", "must be a string");
  if (isLongCache(message.cache_control)) return TOO_LONG;
  switch (role) {
    case "assistant":
      return ofContent(content) ?? ofAnswer(message);
    case "system":
    case "developer":
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

/** Parts of other types are a provider's own: it judges them. */
function ofPart(part: unknown): Verdict {
  if (!isObject(part)) return wrong("", "must be an object");
  const { type } = part;
  if (!isText(type)) return wrong(".type", "must name the part's type");
  if (isLongCache(part.cache_control)) return TOO_LONG;
  if (type === "text" || type === "refusal") {
    return typeof part[type] === "string" ? undefined : wrong(`.${type}`, "must be a string");
  }
  if (type === "image_url" || type === "input_audio" || type === "file") {
    return ofAttachment(part, type) ?? ofStored(part);
  }
  return ofStored(part);
}

/** Some providers accept the URL or the data without the object around it. */
function ofAttachment(part: JsonObject, type: "image_url" | "input_audio" | "file"): Verdict {
  const attached = part[type];
  if (isText(attached) || (type === "file" && isText(part.file_id))) return undefined;
  if (!isObject(attached)) return wrong(`.${type}`, "must be an object");
  if (type === "image_url" && !isText(attached.url)) return wrong(".image_url.url", "must be a URL");
  if (type === "input_audio" && !isText(attached.data)) return wrong(".input_audio.data", "must be a string");
  return undefined;
}

/** A file stored at a provider, whose credentials all tenants share. */
function ofStored(part: JsonObject): Verdict {
  if (!isNothing(part.file_id)) return kept(".file_id");
  for (const [name, value] of Object.entries(part)) {
    if (isObject(value) && !isNothing(value.file_id)) return kept(`.${name.slice(0, 100)}.file_id`);
  }
  return undefined;
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
  if (isLongCache(call.cache_control)) return TOO_LONG;
  if (!isText(call.id)) return wrong(".id", "must be the call's id");
  if (call.type === "custom") {
    return isObject(call.custom) && isText(call.custom.name)
      ? undefined
      : wrong(".custom.name", "must be the tool's name");
  }
  if (!isObject(call.function)) return wrong(".function", "must be an object");
  if (isLongCache(call.function.cache_control)) return { ...TOO_LONG, at: `.function${TOO_LONG.at}` };
  const { name, arguments: given } = call.function;
  if (!isText(name)) return wrong(".function.name", "must be the function's name");
  // OpenAI accepts a string, some others an object too.
  if (isNothing(given) || typeof given === "string" || isObject(given)) return undefined;
  return wrong(".function.arguments", "must be a string of JSON");
}

function ofEach(at: string, values: readonly unknown[], check: (value: unknown) => Verdict): Verdict {
  for (const [index, value] of values.entries()) {
    const fault = check(value);
    if (fault) return { ...fault, at: `${at}[${index}]${fault.at}` };
  }
  return undefined;
}
