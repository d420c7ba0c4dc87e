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
  const called = callsOf(messages);
  const bytesById = longestNames(called);
  let latest: Name = NO_NAME;
  for (const [at, message] of messages.entries()) {
    const calls = called[at] ?? NO_CALLS;
    if (calls.length > 0) latest = NO_NAME;
    for (const { id, name } of calls) {
      latest = longer(latest, name);
      repeats.escapedBytes += escapes(id) + name.escapedBytes - name.bytes;
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
  const users: JsonObject[] = [];
  let systems = 0;
  let results = 0;
  for (const message of messages) {
    if (message.role === "user") users.push(message);
    else if (isSystem(message)) systems += 1;
    else if (isResult(message)) results += 1;
  }
  const isFirstSystem = messages[0] !== undefined && isSystem(messages[0]);
  return {
    resultNameBytes: 0,
    resultLabelBytes: 0,
    escapedBytes: 0,
    systemMessages: systems - (isFirstSystem ? 1 : 0),
    sameUserMessages: users.length < 2 ? 0 : sameAsLast(users),
    turns: users.length + results,
  };
}

function sameAsLast(users: readonly JsonObject[]): number {
  const last = spokenText(users.at(-1)).replace(SPACES, "");
  return users.slice(0, -1).filter((user) => isSameText(spokenText(user), last)).length;
}

const isSystem = ({ role }: JsonObject): boolean => role === "system" || role === "developer";
const isResult = ({ role }: JsonObject): boolean => role === "tool" || role === "function";

function spokenText(message: JsonObject | undefined): string {
  const content = message?.content;
  return typeof content === "string" ? content : textsOf(content).join("");
}

const SPACES = /[ \t-\r]+/g;

/**
 * Compares a text with one that has no white space, in the time that it takes to read the first: servers join the
 * texts of a message in several ways before a template compares them.
 */
function isSameText(text: string, other: string): boolean {
  let otherAt = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (isSpace(code)) continue;
    if (code !== other.charCodeAt(otherAt)) return false;
    otherAt += 1;
  }
  return otherAt === other.length;
}

const isSpace = (code: number): boolean => code === 0x20 || (code >= 0x09 && code <= 0x0d);

type Name = Readonly<{ bytes: number; escapedBytes: number }>;
const NO_NAME: Name = { bytes: 0, escapedBytes: 0 };

const nameOf = (name: unknown): Name =>
  typeof name === "string" ? { bytes: Buffer.byteLength(name), escapedBytes: escapedBytes(name) } : NO_NAME;

function longer(one: Name, other: Name): Name {
  if (one.bytes >= other.bytes && one.escapedBytes >= other.escapedBytes) return one;
  return {
    bytes: Math.max(one.bytes, other.bytes),
    escapedBytes: Math.max(one.escapedBytes, other.escapedBytes),
  };
}

const bytesOf = (text: unknown): number => nameOf(text).bytes;

function escapes(text: unknown): number {
  if (text === undefined) return 0;
  const name = nameOf(text);
  return name.escapedBytes - name.bytes;
}

/** A call, by the name of what it calls. */
type Named = { id: unknown; name: Name };
const NO_CALLS: readonly Named[] = [];

/** The calls of each message, in all forms. Few names are called, so each is read once. */
function callsOf(messages: readonly JsonObject[]): readonly (readonly Named[])[] {
  const known = new Map<unknown, Name>();
  function named(name: unknown): Name {
    let found = known.get(name);
    if (found === undefined) {
      found = nameOf(name);
      known.set(name, found);
    }
    return found;
  }
  return messages.map(({ tool_calls: calls, function_call: single }) => {
    const isList = Array.isArray(calls) && calls.length > 0;
    if (!isList && !isObject(single)) return NO_CALLS;
    const found: Named[] = isObject(single) ? [{ id: undefined, name: named(single.name) }] : [];
    if (!isList) return found;
    for (const call of calls) {
      if (!isObject(call)) continue;
      if (isObject(call.function)) found.push({ id: call.id, name: named(call.function.name) });
      if (isObject(call.custom)) found.push({ id: call.id, name: named(call.custom.name) });
    }
    return found;
  });
}

/** Several calls may have one id. */
function longestNames(called: readonly (readonly Named[])[]): ReadonlyMap<string, Name> {
  const longest = new Map<string, Name>();
  for (const calls of called) {
    for (const { id, name } of calls) {
      if (typeof id !== "string") continue;
      const known = longest.get(id);
      longest.set(id, known === undefined ? name : longer(known, name));
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
