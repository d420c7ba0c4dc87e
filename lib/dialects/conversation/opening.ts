import { type FieldSpan, isObject, type JsonObject, valueEnd } from "#lib/dialects/text/json-fields";
import { skipSpace } from "#lib/dialects/text/json-scan";
import { keptBody, parsedObject } from "#lib/dialects/text/parsed-object";
import { textsOf } from "./texts-of";

/** How a conversation begins, which stays the same while it goes on. */
export type Opening = {
  /** Of its instructions and its messages up to the user's first; only the beginning of long ones. */
  texts: readonly string[];
  /** Whether the user has said more than that. */
  goesOn: boolean;
};

const MOST_CHARACTERS = 1_024;
/** Messages before the first of a user: of a system, and examples. */
const MOST_MESSAGES = 32;
/** A longer message is not parsed; marks of what is to be cached, which move, are behind its texts. */
const LONGEST_PARSED = 16_384;
/** What has gone on for so long is not searched for a second message of the user: a tool's results are as good. */
const MOST_SEARCHED = 65_536;
/** What stands before messages, by dialect. */
const INSTRUCTIONS = ["system", "instructions"];
const USER = "user";
/** In a text, quotes are escaped. */
const SAID_BY_USER = /"role"\s*:\s*"user"/;

/** Finds how the conversation of a checked body begins; null for one that has no message of a user. */
export function openingOf(json: string, fields: ReadonlyMap<string, FieldSpan>): Opening | null {
  const prompt = fields.get("messages") ?? fields.get("input");
  if (prompt === undefined) return null;
  const texts: string[] = [];
  for (const name of INSTRUCTIONS) {
    const span = fields.get(name);
    if (span !== undefined)
      texts.push(json.slice(span.start, Math.min(span.end, span.start + MOST_CHARACTERS)));
  }
  if (json[prompt.start] !== "[") {
    texts.push(json.slice(prompt.start, Math.min(prompt.end, prompt.start + MOST_CHARACTERS)));
    return { texts, goesOn: false };
  }
  const known = keptBody({ json, fields });
  return known === null ? searched(json, prompt, texts) : read(known.messages ?? known.input, texts);
}

/** The same of a body that was kept as it was parsed. */
function read(messages: unknown, texts: string[]): Opening | null {
  if (!Array.isArray(messages)) return null;
  for (let at = 0; at < MOST_MESSAGES; at++) {
    const message: unknown = messages[at];
    if (!isObject(message)) return null;
    texts.push(beginningOf(message));
    if (message.role === USER) return { texts, goesOn: isSaidAgain(messages, at + 1) };
  }
  return null;
}

function isSaidAgain(messages: readonly unknown[], from: number): boolean {
  for (let at = from; at < messages.length; at++) {
    const message = messages[at];
    if (isObject(message) && message.role === USER) return true;
  }
  return false;
}

function searched(json: string, prompt: FieldSpan, texts: string[]): Opening | null {
  let start = skipSpace(json, prompt.start + 1);
  for (let at = 0; at < MOST_MESSAGES && json[start] === "{"; at++) {
    const end = valueEnd(json, start);
    const message = json.slice(start, end);
    texts.push(textIn(message));
    if (SAID_BY_USER.test(message)) {
      const isLong = prompt.end - end > MOST_SEARCHED;
      return { texts, goesOn: isLong || SAID_BY_USER.test(json.slice(end, prompt.end)) };
    }
    const next = skipSpace(json, end);
    start = json[next] === "," ? skipSpace(json, next + 1) : next;
  }
  return null;
}

function textIn(message: string): string {
  const parsed = message.length <= LONGEST_PARSED ? parsedObject(message) : null;
  return parsed !== null ? beginningOf(parsed) : message.slice(0, MOST_CHARACTERS);
}

const beginningOf = ({ content }: JsonObject): string =>
  (typeof content === "string" ? content : textsOf(content).join("\n")).slice(0, MOST_CHARACTERS);
