import type { Repeats } from "#lib/dialects/call";
import { escapedBytes } from "#lib/dialects/text/escaped-bytes";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { textsOf } from "./texts-of";

/**
 * What chat templates write several times or escaped, in counts that take one pass over the messages:
 * - with each result the name of its call, which they look up by its id (Gemma 4, Kimi K3), by its place (GigaChat) or
 *   as the last (gpt-oss); Muse Glimmer writes that name, else the result's own or its id, twice;
 * - names and ids as attributes (Kimi K3);
 * - all tools again with each message of the system (Apriel, Muse Glimmer) or the developer (DeepSeek 3.2), and with
 *   each message of a user that is equal to the last (Mistral 7B to Large 2);
 * - the names of all tools after each message of a user and each result (GigaChat).
 * @param promptBytes tools and schemas in their longest form
 */
export function repeatsIn(messages: readonly JsonObject[], body: JsonObject, promptBytes: number): Repeats {
  const repeats: Repeats = { promptBytes, ...toolNames(body), ...counts(messages) };
  const bytesById = longestNames(messages);
  let latest: Name = NO_NAME;
  for (const message of messages) {
    const calls = callsIn(message);
    if (calls.length > 0) latest = NO_NAME;
    for (const { id, name } of calls) {
      latest = longer(latest, nameOf(name));
      repeats.escapedBytes += escapes(id) + escapes(name);
    }
    repeats.escapedBytes += escapes(message.name) + escapes(message.tool_call_id);
    if (!isResult(message)) continue;
    const { tool_call_id: id, name: own } = message;
    const name = longer(latest, (typeof id === "string" ? bytesById.get(id) : undefined) ?? NO_NAME);
    repeats.resultNameBytes += name.bytes;
    repeats.resultLabelBytes += Math.max(2 * name.bytes, name.escapedBytes, bytesOf(own), bytesOf(id));
  }
  return repeats;
}

function counts(messages: readonly JsonObject[]) {
  const users = messages.filter(({ role }) => role === "user");
  const systems = messages.filter(isSystem).length;
  const isFirstSystem = messages[0] !== undefined && isSystem(messages[0]);
  const last = spokenText(users.at(-1));
  return {
    resultNameBytes: 0,
    resultLabelBytes: 0,
    escapedBytes: 0,
    systemMessages: systems - (isFirstSystem ? 1 : 0),
    sameUserMessages: users.slice(0, -1).filter((user) => isSameText(spokenText(user), last)).length,
    turns: users.length + messages.filter(isResult).length,
  };
}

const isSystem = ({ role }: JsonObject): boolean => role === "system" || role === "developer";
const isResult = ({ role }: JsonObject): boolean => role === "tool" || role === "function";

function spokenText(message: JsonObject | undefined): string {
  const content = message?.content;
  return typeof content === "string" ? content : textsOf(content).join("");
}

/** Servers join the texts of a message in several ways before a template compares them. */
function isSameText(one: string, other: string): boolean {
  if (one === other) return true;
  let [at, otherAt] = [0, 0];
  for (;;) {
    while (isSpace(one.charCodeAt(at))) at += 1;
    while (isSpace(other.charCodeAt(otherAt))) otherAt += 1;
    if (at >= one.length || otherAt >= other.length) return at >= one.length && otherAt >= other.length;
    if (one.charCodeAt(at) !== other.charCodeAt(otherAt)) return false;
    at += 1;
    otherAt += 1;
  }
}

const isSpace = (code: number): boolean => code === 0x20 || (code >= 0x09 && code <= 0x0d);

type Named = { id: unknown; name: unknown };

/** The calls of a message, in all forms. */
function callsIn({ tool_calls: calls, function_call: single }: JsonObject): Named[] {
  const named: Named[] = isObject(single) ? [{ id: undefined, name: single.name }] : [];
  if (!Array.isArray(calls)) return named;
  for (const call of calls) {
    if (!isObject(call)) continue;
    for (const definition of [call.function, call.custom])
      if (isObject(definition)) named.push({ id: call.id, name: definition.name });
  }
  return named;
}

type Name = { bytes: number; escapedBytes: number };
const NO_NAME: Name = { bytes: 0, escapedBytes: 0 };

const nameOf = (name: unknown): Name =>
  typeof name === "string" ? { bytes: Buffer.byteLength(name), escapedBytes: escapedBytes(name) } : NO_NAME;

const longer = (one: Name, other: Name): Name => ({
  bytes: Math.max(one.bytes, other.bytes),
  escapedBytes: Math.max(one.escapedBytes, other.escapedBytes),
});

const bytesOf = (text: unknown): number => nameOf(text).bytes;

function escapes(text: unknown): number {
  const name = nameOf(text);
  return name.escapedBytes - name.bytes;
}

/** Several calls may have one id. */
function longestNames(messages: readonly JsonObject[]): ReadonlyMap<string, Name> {
  const longest = new Map<string, Name>();
  for (const message of messages) {
    for (const { id, name } of callsIn(message)) {
      if (typeof id === "string") longest.set(id, longer(longest.get(id) ?? NO_NAME, nameOf(name)));
    }
  }
  return longest;
}

function toolNames({ tools, functions }: JsonObject) {
  const names: Name[] = [];
  for (const list of [tools, functions]) {
    if (!Array.isArray(list)) continue;
    for (const tool of list) {
      const definition = isObject(tool) ? (tool.function ?? tool.custom ?? tool) : null;
      if (isObject(definition)) names.push(nameOf(definition.name));
    }
  }
  return { tools: names.length, toolNameBytes: names.reduce((sum, name) => sum + name.escapedBytes, 0) };
}
