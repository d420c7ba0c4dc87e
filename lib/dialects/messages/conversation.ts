import { ofBreakpoint } from "#lib/dialects/conversation/cache-marks";
import { checkEach } from "#lib/dialects/conversation/check-each";
import {
  type Fault,
  isNothing,
  isText,
  kept,
  unsupportedHere,
  type Verdict,
  wrong,
} from "#lib/dialects/conversation/fault";
import { namesMedium } from "#lib/dialects/conversation/message-fields";
import { ofEach, ofPart } from "#lib/dialects/conversation/parts";
import { invalidField } from "#lib/dialects/errors/invalid-field";
import { APART } from "#lib/dialects/searches";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { isHostedWithin, isOfInput } from "./tools";

/** Names of what a provider keeps: tenants share its credentials. */
const KEPT = ["file_id", "uuid", "content_hash"];
/** In place of blocks that were checked. */
const GIVEN = "given";
/** Claude Code sends `system` within a conversation, with settings for what follows. */
const ROLES: ReadonlySet<unknown> = new Set(["user", "assistant", "system"]);

/**
 * Checks a conversation: roles, and content as text or as blocks. Blocks of other types are the provider's to judge.
 * Without a schema, since there may be tens of thousands of messages and the first fault is enough.
 * @throws ApiError invalid_request, or unsupported_parameter for what is stored at a provider; `param` names the place
 */
export function checkMessages(value: unknown): readonly JsonObject[] {
  if (!Array.isArray(value) || value.length === 0)
    throw invalidField("messages", "must be a list of at least one message");
  return checkEach("messages", value, ofMessage, undefined);
}

/**
 * Checks a system prompt: a text, or blocks of text.
 * @throws ApiError invalid_request, with the place in `param`
 */
export function checkSystem(value: unknown): void {
  if (isNothing(value) || typeof value === "string") return;
  if (!Array.isArray(value)) throw invalidField("system", "must be a text or a list of blocks");
  for (const [at, block] of value.entries()) {
    const isOfText = isObject(block) && block.type === "text";
    const fault = isOfText ? ofBlock(block) : wrong(".type", "must be text");
    if (fault) throw fault.error(`system[${at}]${fault.at}`);
  }
}

const ofMessage = ({ role, content }: JsonObject): Verdict =>
  ROLES.has(role) ? ofContent(content, ofBlock) : wrong(".role", "must be user, assistant or system");

function ofContent(content: unknown, ofEachBlock: (block: unknown) => Verdict): Verdict {
  if (typeof content === "string") return undefined;
  if (!Array.isArray(content)) return wrong(".content", "must be a text or a list of blocks");
  return ofEach(".content", content, ofEachBlock);
}

/** Also judges all that is in it, at any depth, once. */
function ofBlock(block: unknown): Verdict {
  return ofUntyped(block) ?? (isObject(block) ? ofAnyPart(block, "", "") : undefined) ?? ofTyped(block);
}

/** For a block in another, in which all parts were judged. */
const ofInnerBlock = (block: unknown): Verdict => ofUntyped(block) ?? ofTyped(block);

function ofUntyped(block: unknown): Verdict {
  if (!isObject(block)) return wrong("", "must be an object");
  return isText(block.type) ? undefined : wrong(".type", "must name the block's type");
}

const ofTyped = (block: unknown): Verdict =>
  isObject(block) && isText(block.type) ? ofType(block, block.type) : undefined;

function ofType(block: JsonObject, type: string): Verdict {
  switch (type) {
    case "text":
      return typeof block.text === "string" ? undefined : wrong(".text", "must be a string");
    case "tool_use":
      if (!isText(block.id)) return wrong(".id", "must be the call's id");
      if (!isText(block.name)) return wrong(".name", "must be the tool's name");
      return isObject(block.input) ? undefined : wrong(".input", "must be an object");
    case "tool_result":
      if (!isText(block.tool_use_id))
        return wrong(".tool_use_id", "must be the id of the call that this answers");
      return isNothing(block.content) ? undefined : ofContent(block.content, ofInnerBlock);
    case "container_upload":
      return kept(".type");
    default:
      return namesMedium(type) ? ofMedium(block) : undefined;
  }
}

/** A cache of an hour has a price in this dialect, and a document may be given as a text or as blocks. */
function ofMedium({ cache_control: _, ...medium }: JsonObject): Verdict {
  const { source } = medium;
  if (!isObject(source) || source.type !== "content" || isNothing(source.content)) return ofPart(medium);
  const { content, ...settings } = source;
  const fault = ofContent(content, ofInnerBlock);
  return fault === undefined
    ? ofPart({ ...medium, source: { ...settings, content: GIVEN } })
    : { ...fault, at: `.source${fault.at}` };
}

/** A mark for a cache of another length would have another price. */
function ofMark({ cache_control: mark }: JsonObject): Verdict {
  if (isNothing(mark)) return undefined;
  if (!isObject(mark)) return wrong(".cache_control", "must be an object");
  const { ttl } = mark;
  return isNothing(ttl) || ttl === "5m" || ttl === "1h"
    ? undefined
    : wrong(".cache_control.ttl", "must be 5m or 1h");
}

/**
 * A stored file, a provider's own tool or a wrong mark anywhere in a block, but in the arguments of a call.
 * @param field what it is in
 */
function ofAnyPart(block: JsonObject, at: string, field: string): Verdict {
  const stored = KEPT.find((name) => !isNothing(block[name]));
  if (stored !== undefined) return kept(`${at}.${stored}`);
  // A block may add a tool to those of the request.
  if (isHostedWithin(block, field)) return unsupportedHere(`${at}.type`, APART);
  const mark = ofMark(block) ?? ofBreakpoint(block);
  if (mark !== undefined) return { ...mark, at: `${at}${mark.at}` };
  for (const [name, value] of Object.entries(block)) {
    if (isOfInput(name) || typeof value !== "object" || value === null) continue;
    const inner: Fault | undefined = ofPartsIn(value, `${at}.${name.slice(0, 100)}`, name);
    if (inner !== undefined) return inner;
  }
  return undefined;
}

function ofPartsIn(value: object, at: string, field: string): Verdict {
  if (isObject(value)) return ofAnyPart(value, at, field);
  return Array.isArray(value)
    ? ofEach(at, value, (inner) =>
        typeof inner === "object" && inner !== null ? ofPartsIn(inner, "", field) : undefined,
      )
    : undefined;
}

/** Whether anything in a value has such a mark of what is to be cached; the arguments of calls have no marks. */
export function hasCacheMark(value: unknown, isWanted: (mark: unknown) => boolean): boolean {
  if (Array.isArray(value)) return value.some((inner) => hasCacheMark(inner, isWanted));
  if (!isObject(value)) return false;
  if (isWanted(value.cache_control)) return true;
  return Object.entries(value).some(([name, inner]) => name !== "input" && hasCacheMark(inner, isWanted));
}
