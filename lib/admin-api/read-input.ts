import { ApiError } from "#lib/http/api-error";
import { type JsonLimits, rejectCostlyJson } from "#lib/http/json-cost";
import { parseInput } from "#lib/http/parse-input";
import { NOT_AN_OBJECT, parseMembers } from "#lib/http/parse-members";
import { readWebBody, utf8Text } from "#lib/http/read-body";
import { isExternalUser, OrganizationOfUser } from "./external-users";
import type { Found } from "./find-operation";

const MAX_BODY_BYTES = 1024 * 1024;
/** The largest input, a model with 50 targets or a key with 200 models and addresses, has hundreds of values. */
const MOST: JsonLimits = { values: 10_000, depth: 32 };

export type RequestInput = {
  /** Path parameters and the query (GET) or the body's fields (others). */
  input: Readonly<Record<string, unknown>>;
  /** The body as received; empty for a large one. */
  bodyText: string;
  /** From the query, beside an external id of a user in the path. */
  userOrganizationId?: string | undefined;
};

/**
 * Reads the input of a request.
 * @throws ApiError invalid_request (not a JSON object, one that would be costly to parse, or a field that repeats a path
 * parameter), request_too_large, unsupported_media_type
 */
export async function readInput(found: Found, request: Request): Promise<RequestInput> {
  const given = readQuery(request);
  if (!isExternalUser(found.pathParameters.id)) return readFields(found, request, given);
  const { organization_id, ...query } = given;
  const { organization_id: userOrganizationId } = parseInput(OrganizationOfUser, { organization_id });
  return { ...(await readFields(found, request, query)), userOrganizationId };
}

async function readFields(
  { operation, pathParameters }: Found,
  request: Request,
  query: Record<string, unknown>,
): Promise<RequestInput> {
  if (operation.method === "GET") return { input: merge(query, pathParameters), bodyText: "" };
  const { queryFields = [], csvBody } = operation;
  const unexpected = Object.keys(query).find((name) => !queryFields.includes(name));
  if (unexpected !== undefined) {
    throw invalid(
      `Unexpected query parameter "${unexpected.slice(0, 80)}": send it in the JSON body.`,
      unexpected,
    );
  }
  const { largeBody } = operation;
  const bytes = await readWebBody(request, largeBody?.bytes ?? MAX_BODY_BYTES);
  if (csvBody !== undefined && isCsv(request)) {
    const bodyText = utf8Text(bytes);
    return { input: merge(withQuery(csvBody(bodyText), query), pathParameters), bodyText };
  }
  if (bytes.length > 0 && !isJson(request)) {
    throw new ApiError("unsupported_media_type", "Send JSON with 'content-type: application/json'.");
  }
  if (largeBody !== undefined) {
    return { input: merge(await parseMembers(bytes, largeBody), pathParameters), bodyText: "" };
  }
  const bodyText = utf8Text(bytes);
  return { input: merge(withQuery(bodyFields(bodyText), query), pathParameters), bodyText };
}

/** Whether the body is declared as JSON; a body without a content type counts as JSON. */
export function isJson(request: Request): boolean {
  const type = request.headers.get("content-type");
  return type === null || /^application\/([\w.-]+\+)?json\s*(;|$)/i.test(type);
}

const isCsv = (request: Request): boolean =>
  /^text\/csv\s*(;|$)/i.test(request.headers.get("content-type") ?? "");

/**
 * A repeated parameter becomes a list, and `name[part]` a part of an object (OpenAPI's `deepObject`); the schema decides
 * whether it may be one.
 */
function readQuery(request: Request): Record<string, unknown> {
  const fields = new Map<string, unknown>();
  const objects = new Map<string, Map<string, unknown>>();
  for (const [name, value] of new URL(request.url).searchParams) {
    const [, object = "", part] = PART_OF_OBJECT.exec(name) ?? [];
    if (part === undefined) {
      addValue(fields, name, value);
      continue;
    }
    const parts = objects.get(object) ?? new Map<string, unknown>();
    objects.set(object, parts);
    addValue(parts, part, value);
  }
  for (const [name, parts] of objects) addValue(fields, name, Object.fromEntries(parts));
  return Object.fromEntries(fields);
}

const PART_OF_OBJECT = /^(\w+)\[(.*)\]$/s;

function addValue(fields: Map<string, unknown>, name: string, value: unknown): void {
  const given = fields.get(name);
  if (given === undefined) fields.set(name, value);
  else if (Array.isArray(given)) given.push(value);
  else fields.set(name, [given, value]);
}

function bodyFields(text: string): Record<string, unknown> {
  if (text.trim() === "") return {};
  rejectCostlyJson(text, MOST);
  const body = parseJson(text);
  if (!isObject(body)) throw invalid(NOT_AN_OBJECT);
  return body;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ApiError("invalid_request", "The request body is not valid JSON.", { cause });
  }
}

/** Fields are copied only if there are others: of 20,000, a copy takes 10 ms. */
function withQuery(fields: Record<string, unknown>, query: Record<string, unknown>): Record<string, unknown> {
  return isEmpty(query) ? fields : { ...fields, ...query };
}

function isEmpty(fields: Readonly<Record<string, unknown>>): boolean {
  for (const _name in fields) return false;
  return true;
}

function merge(fields: Record<string, unknown>, path: Readonly<Record<string, string>>) {
  if (isEmpty(path)) return fields;
  const repeated = Object.keys(path).find((name) => Object.hasOwn(fields, name));
  if (repeated !== undefined) {
    throw invalid(`Unexpected field "${repeated}": the URL sets it already.`, repeated);
  }
  return { ...fields, ...path };
}

const invalid = (message: string, param: string | null = null) =>
  new ApiError("invalid_request", message, { param: param === null ? null : param.slice(0, 80) });
