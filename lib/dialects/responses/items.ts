import { CACHE_BREAKPOINT } from "#lib/dialects/bounds/unsupported-fields";
import { ofCacheMarks } from "#lib/dialects/conversation/cache-marks";
import { checkEach } from "#lib/dialects/conversation/check-each";
import {
  isNothing,
  isText,
  kept,
  unsupportedHere,
  type Verdict,
  wrong,
} from "#lib/dialects/conversation/fault";
import { ofEach, ofPart, ofUntyped } from "#lib/dialects/conversation/parts";
import { invalidField } from "#lib/dialects/errors/invalid-field";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { kindOf } from "./item-types";

const ROLES: ReadonlySet<unknown> = new Set(["user", "assistant", "system", "developer"]);
/** Containers and files that a provider keeps. */
const STATE: ReadonlySet<string> = new Set([
  "container_id",
  "container",
  "vector_store_id",
  "vector_store_ids",
  "file_id",
  "file_ids",
]);
const MARKS: ReadonlySet<string> = new Set(["cache_control", CACHE_BREAKPOINT]);
/** What `configuration_update` may change: a mode of reasoning would be billed several times. */
const UPDATES: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ["reasoning", new Set(["effort", "summary", "context"])],
  ["text", new Set(["verbosity"])],
]);

/**
 * Checks the input: a text, or items. Without a schema, since there may be tens of thousands of items and the first
 * fault is enough.
 * @returns the items; a text is the message of a user
 * @throws ApiError invalid_request, or unsupported_parameter for what is stored at a provider; `param` names the place
 */
export function checkItems(input: unknown): readonly JsonObject[] {
  if (typeof input === "string") return [{ role: "user", content: input }];
  if (!Array.isArray(input) || input.length === 0)
    throw invalidField("input", "must be a text or a list of at least one item");
  return checkEach("input", input, ofItem, undefined);
}

function ofItem(item: JsonObject): Verdict {
  const marked = ofCacheMarks(item);
  if (marked !== undefined) return marked;
  switch (kindOf(item)) {
    case "stored":
      return isNothing(item.type) ? kept("") : kept(item.type === "reasoning" ? ".id" : ".type");
    case "message":
      return ROLES.has(item.role)
        ? ofContent(".content", item.content)
        : wrong(".role", "must be user, assistant, system or developer");
    case "call":
      return ofCallId(item, "must be the call's id") ?? ofState(item.environment, ".environment");
    case "result":
      return (
        ofCallId(item, "must be the id of the call that this answers") ??
        ofContent(".output", item.output ?? "")
      );
    case "settings":
      return ofSettings(item);
    case "tools":
      return Array.isArray(item.tools) ? undefined : wrong(".tools", "must be a list of tools");
    case "unbounded":
      return ofState(item, "");
    case "reasoning":
    case "picture":
      return undefined;
  }
}

/** A call of a local shell has its own id only, and so has its result; a search for tools may have none. */
const ofCallId = ({ type, call_id: id, id: own }: JsonObject, what: string): Verdict =>
  isText(id ?? own) || type === "tool_search_call" ? undefined : wrong(".call_id", what);

/** What a provider's own tools keep, and caches without a price, wherever they are in one of their items. */
function ofState(value: unknown, at: string): Verdict {
  if (Array.isArray(value)) return ofEach(at, value, (inner) => ofState(inner, ""));
  if (!isObject(value)) return undefined;
  for (const name of Object.keys(value)) {
    const inner = value[name];
    if (typeof inner !== "object" && !STATE.has(name)) continue;
    const fault = ofNamed(name, inner);
    if (fault !== undefined) return { ...fault, at: `${at}.${name.slice(0, 100)}${fault.at}` };
  }
  return undefined;
}

function ofNamed(name: string, value: unknown): Verdict {
  if (STATE.has(name) && !isNothing(value)) return kept("");
  const marked = MARKS.has(name) ? ofCacheMarks({ [name]: value }) : undefined;
  return marked === undefined ? ofState(value, "") : { ...marked, at: "" };
}

function ofContent(at: string, content: unknown): Verdict {
  if (typeof content === "string") return undefined;
  if (!Array.isArray(content)) return wrong(at, "must be a string or a list of parts");
  return ofEach(at, content, (part) =>
    isObject(part) && isNothing(part.type) ? ofUntyped(part) : ofPart(part),
  );
}

function ofSettings({ type: _, id: __, ...settings }: JsonObject): Verdict {
  for (const [name, value] of Object.entries(settings)) {
    const known = UPDATES.get(name);
    const other = isObject(value) ? Object.keys(value).find((inner) => !known?.has(inner)) : undefined;
    const at = `.${name.slice(0, 100)}${other === undefined ? "" : `.${other.slice(0, 100)}`}`;
    if (known === undefined || !isObject(value) || other !== undefined)
      return unsupportedHere(at, "Tollgate does not know what it changes, and what that is billed for.");
  }
  return undefined;
}
