import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";

/** How a family of templates writes a conversation: one byte is one token, a control character a control token. */
export type TemplateForm = {
  /** Tokens of its own that it writes with each copy of the tools, or without tools. */
  promptTokens: { always: number; withTools: number };
  /** With which messages it writes the tools, besides once at the beginning. */
  toolsWith: "none" | "system" | "developer" | "equal users" | "all of these";
  /** How often it writes the name of its call with a result. */
  namesWithResult: number;
  /** Whether it lists the names of all tools after each message of a user and each result. */
  listsTools: boolean;
  isEscaped: boolean;
};

const CONTROL = "\u0001";

/**
 * What a server makes of a chat when its template repeats and escapes parts of it as the form says.
 * @param body of a chat completion
 */
export function writtenRepeatedly(body: JsonObject, form: TemplateForm): string {
  const messages = Array.isArray(body.messages) ? body.messages.filter(isObject) : [];
  const tools = JSON.stringify(body.tools ?? body.functions ?? null, null, 4);
  const hasTools = tools !== "null";
  const copy =
    "i".repeat(hasTools ? form.promptTokens.withTools : form.promptTokens.always) + (hasTools ? tools : "");
  const toolNames = hasTools ? JSON.stringify(Object.keys(namesOfTools(body.tools))) : "[]";
  const attribute = (value: unknown) => (form.isEscaped ? escaped(String(value ?? "")) : String(value ?? ""));
  const lastUser = messages.findLast(({ role }) => role === "user");
  // Without tools, the prompt of its own is another matter than what is repeated (sizing/hidden-prompt.ts).
  const first = hasTools ? copy : "";
  let written = isSystem(messages[0]) ? "" : first;
  let latest = "";
  for (const [at, message] of messages.entries()) {
    const calls = callsOf(message);
    written += `${CONTROL}${message.role}${attribute(message.name)}${CONTROL}`;
    if (at === 0 && isSystem(message)) written += first;
    else if (isCopied(message, form.toolsWith, hasTools ? lastUser : undefined)) written += copy;
    written += textOf(message.content);
    for (const [id, name, given] of calls)
      written += `${CONTROL}${attribute(name)}${attribute(id)}${CONTROL}${given}`;
    if (calls[0] !== undefined) latest = calls[0][1];
    const isResult = message.role === "tool" || message.role === "function";
    if (isResult) {
      const name = namedBy(messages, message.tool_call_id) ?? latest;
      written += attribute(message.tool_call_id) + attribute(name).repeat(form.namesWithResult);
    }
    if (form.listsTools && (isResult || message.role === "user")) written += `${CONTROL}${toolNames}`;
  }
  return written;
}

const isSystem = (message: JsonObject | undefined): boolean =>
  message?.role === "system" || message?.role === "developer";

function isCopied(
  message: JsonObject,
  toolsWith: TemplateForm["toolsWith"],
  lastUser: JsonObject | undefined,
): boolean {
  const isOneOfAll = toolsWith === "all of these";
  if (isSystem(message)) return isOneOfAll || message.role === toolsWith;
  // Mistral's, the only one that does so, writes nothing there without tools.
  if (lastUser === undefined) return false;
  const isEqual = message.role === "user" && textOf(message.content) === textOf(lastUser.content);
  return isEqual && message !== lastUser && (isOneOfAll || toolsWith === "equal users");
}

/** Parts are joined as vLLM does. */
const textOf = (content: unknown): string =>
  Array.isArray(content)
    ? content.map((part) => (isObject(part) ? part.text : "")).join("\n")
    : String(content ?? "");

function callsOf({ tool_calls: calls }: JsonObject): [id: string, name: string, given: string][] {
  return (Array.isArray(calls) ? calls : []).flatMap((call) => {
    const definition = isObject(call) && isObject(call.function) ? call.function : null;
    if (definition === null) return [];
    return [[String(call.id), String(definition.name), String(definition.arguments ?? "{}")]];
  });
}

/** Of several calls with an id, the last (Gemma 4, Muse Glimmer). */
const namedBy = (messages: readonly JsonObject[], id: unknown): string | undefined =>
  messages.flatMap(callsOf).findLast(([given]) => given === id)?.[1];

const namesOfTools = (tools: unknown): Record<string, true> =>
  Object.fromEntries(
    (Array.isArray(tools) ? tools : []).map((tool) => [
      isObject(tool) && isObject(tool.function) ? String(tool.function.name) : "",
      true,
    ]),
  );

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  '"': "&quot;",
  "<": "&lt;",
  ">": "&gt;",
  "'": "&#39;",
};
const escaped = (text: string): string => text.replace(/[&"<>']/g, (sign) => ENTITIES[sign] ?? sign);
