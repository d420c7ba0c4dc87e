import { setImmediate as nextTurn } from "node:timers/promises";
import type { Caller } from "#lib/auth/caller";
import type { Call } from "#lib/dialects/call";
import {
  findsDeferred,
  isDeferred,
  paramOfDeferral,
  withToolsLoaded,
} from "#lib/dialects/conversation/deferred-tools";
import type { Dialect } from "#lib/dialects/dialect";
import { type MaySearch, NEVER_SEARCHES } from "#lib/dialects/searches";
import { type Path, paramOfPath, pathOf, withoutPath } from "#lib/dialects/text/cut-path";
import { isObject, topLevelFields } from "#lib/dialects/text/json-fields";
import type { Gateway } from "#lib/gateway/ports/gateway";
import { routingFor } from "#lib/gateway/routing/name-models";
import { resolvedModel } from "#lib/gateway/routing/resolve-model";
import type { ServedModel } from "#lib/gateway/routing/routing";
import { maySearch } from "#lib/gateway/sizing/searches";
import { unknownFieldRejection } from "#lib/gateway/sizing/unknown-fields";
import { ApiError } from "#lib/http/api-error";
import { parsedJson } from "#lib/http/parsed-json";
import { originalPath, type RemovedPlaces, removedPlaces } from "./dropped-paths";
import { isLimitedCaller } from "./limited-caller";

/** A body has to be parsed again for each thing that is left out. */
const MOST_DROPS = 20;
const MOST_CHARACTERS = 8 * 1024 * 1024;
/** Every dialect that has tools calls them so. */
const TOOLS = "tools";
const TOOL_CHOICE = "tool_choice";

type Parser = Pick<Dialect, "name" | "parse">;

/**
 * Parses a body. For a model that drops what Tollgate does not support, without that: a field, or an element of a list
 * by its type, such as a tool that the provider bills apart. What was left out is in `dropped`, as the client's own body
 * has it.
 * @throws ApiError as the dialect's `parse`, for what may not be dropped, or for a model that drops nothing
 */
export async function parseDropping(
  gateway: Pick<Gateway, "routing">,
  dialect: Parser,
  caller: Caller,
  json: string,
): Promise<Call> {
  let text = json;
  const dropped: string[] = [];
  let removed = removedPlaces(dropped);
  const searchable = await searchableModels(gateway, dialect, caller, json);
  for (;;) {
    const parsed = parsedOrRejected(dialect, text, searchable);
    const isPlain = !(parsed instanceof ApiError) && parsed.unknownFields.length === 0;
    const model = isPlain ? null : await droppingModel(gateway, parsed, text);
    const rejection = model === null ? rejectionIn(parsed) : rejectionOf(parsed, model, dialect, caller);
    if (rejection === null && !(parsed instanceof ApiError)) {
      return dropped.length === 0 ? parsed : naming(parsed, dropped, removed);
    }
    if (rejection === null || rejection.param === null) throw rejection ?? parsed;
    const isTooMuch = dropped.length === MOST_DROPS || text.length * dropped.length > MOST_CHARACTERS;
    if (model === null || !rejection.isDroppable || isTooMuch) throw rejection;
    const path = droppedPath(text, rejection.param);
    const rest = withoutPath(text, path);
    if (rest === null) throw rejection;
    const original = originalPath(path, removed);
    dropped.push(paramOfPath(original));
    const deferred = deferredBeside(text, path);
    for (const place of deferred)
      dropped.push(paramOfDeferral(Number(originalPath([TOOLS, place], removed)[1])));
    removed = removedPlaces(dropped);
    const loaded = deferred.length === 0 ? rest : withAllLoaded(rest);
    text = withoutLeftovers(loaded, path);
    // Others get their turn before the next time.
    await nextTurn();
  }
}

/** A body without it has no search tool. */
const SIGN_OF_SEARCH = '"web_search';

/** Which models may search for a caller, as they are known: the hold checks it again. */
async function searchableModels(
  gateway: Pick<Gateway, "routing">,
  { name: dialect }: Parser,
  caller: Caller,
  json: string,
): Promise<MaySearch> {
  if (!json.includes(SIGN_OF_SEARCH)) return NEVER_SEARCHES;
  const routing = await routingFor(gateway, caller, nameIn(json), { fresh: false });
  return (name) => {
    const model = resolvedModel(routing, caller, name, dialect);
    return model !== null && maySearch(model);
  };
}

/** A call that also names what was left out before it was parsed. */
function naming(call: Call, dropped: readonly string[], removed: RemovedPlaces): Call {
  const offers = call.dropped.map((param) => paramOfPath(originalPath(pathOf(param), removed)));
  const { searches } = call;
  const without = searches?.without ?? null;
  return {
    ...call,
    dropped: [...dropped, ...offers],
    searches:
      searches === null || without === null
        ? searches
        : { ...searches, without: () => naming(without(), dropped, removed) },
  };
}

function parsedOrRejected(dialect: Parser, json: string, searchable: MaySearch): Call | ApiError {
  try {
    return dialect.parse(json, searchable);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return error;
  }
}

const rejectionIn = (parsed: Call | ApiError): ApiError | null =>
  parsed instanceof ApiError ? parsed : null;

/** Why a body is rejected, by the dialect or by what a caller with a hard budget may send. */
function rejectionOf(
  parsed: Call | ApiError,
  model: ServedModel,
  { name }: Parser,
  caller: Caller,
): ApiError | null {
  if (parsed instanceof ApiError) return parsed;
  const inDialect = model.byDialect.get(name);
  return inDialect === undefined
    ? null
    : unknownFieldRejection(parsed, inDialect, name, isLimitedCaller(caller));
}

/** The model of a body, if it drops what is not supported. */
async function droppingModel(
  gateway: Pick<Gateway, "routing">,
  parsed: Call | ApiError,
  json: string,
): Promise<ServedModel | null> {
  if (parsed instanceof ApiError && !parsed.isDroppable) return null;
  const name = parsed instanceof ApiError ? nameIn(json) : parsed.model;
  const routing = await gateway.routing({ fresh: false });
  const model = routing.byName.get(name);
  return model?.all.dropsUnsupported ? model : null;
}

function nameIn(json: string): string {
  const body = parsedJson(json);
  return isObject(body) && typeof body.model === "string" ? body.model : "";
}

/** An element of a list that is rejected for its type is left out as a whole. A field's name may look like a path. */
function droppedPath(json: string, param: string): Path {
  if (topLevelFields(json).has(param)) return [param];
  const path = pathOf(param);
  return path.at(-1) === "type" && path.length > 1 ? path.slice(0, -1) : path;
}

/** The places of tools that a search for tools was to find, if that is what is left out. */
function deferredBeside(json: string, [list, place, ...inner]: Path): readonly number[] {
  if (list !== TOOLS || typeof place !== "number" || inner.length > 0) return [];
  const tools = fieldIn(json, TOOLS);
  const found: unknown = Array.isArray(tools) ? tools[place] : null;
  if (!Array.isArray(tools) || !isObject(found) || !findsDeferred(found)) return [];
  return [...tools.keys()].filter((at) => at !== place && isObject(tools[at]) && isDeferred(tools[at]));
}

function withAllLoaded(json: string): string {
  const tools = topLevelFields(json).get(TOOLS);
  return tools === undefined ? json : withToolsLoaded(json, tools);
}

/**
 * A list of tools with none left is no list of tools to most providers, and nothing is left to choose from; a choice of
 * a tool that is gone is no choice.
 */
function withoutLeftovers(json: string, [list, place, ...inner]: Path): string {
  if (list === TOOL_CHOICE && place === TOOLS && inner.length === 1) {
    const choice = fieldIn(json, TOOL_CHOICE);
    return isObject(choice) && isEmpty(choice[TOOLS]) ? without(json, TOOL_CHOICE) : json;
  }
  if (list !== TOOLS || typeof place !== "number" || inner.length > 0) return json;
  const left = fieldIn(json, TOOLS);
  if (isEmpty(left)) return without(without(json, TOOLS), TOOL_CHOICE);
  return choosesMissing(fieldIn(json, TOOL_CHOICE), left) ? without(json, TOOL_CHOICE) : json;
}

const without = (json: string, name: string): string => withoutPath(json, [name]) ?? json;

function fieldIn(json: string, name: string): unknown {
  const body = parsedJson(json);
  return isObject(body) ? body[name] : null;
}

const isEmpty = (list: unknown): boolean => Array.isArray(list) && list.length === 0;

/** Whether a choice of messages, which names a tool whatever runs it, names none of these. */
const choosesMissing = (choice: unknown, tools: unknown): boolean =>
  isObject(choice) &&
  choice.type === "tool" &&
  Array.isArray(tools) &&
  !tools.some((tool) => isObject(tool) && tool.name === choice.name);
