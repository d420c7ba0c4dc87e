import { ApiError } from "#lib/http/api-error";
import { readWebBody, utf8Text } from "#lib/http/read-body";
import type { Found } from "./find-operation";
import { refuseUnstorable } from "./unstorable";

const MAX_BODY_BYTES = 1024 * 1024;

export type RequestInput = {
  /** Path parameters with the query (GET) or the fields of the body (else). */
  input: Readonly<Record<string, unknown>>;
  /** The body as it came. */
  bodyText: string;
};

/**
 * Reads what a request says.
 * @throws ApiError invalid_request (no JSON object, a field that the path says already), request_too_large,
 * unsupported_media_type
 */
export async function readInput(
  { operation, pathParameters }: Found,
  request: Request,
): Promise<RequestInput> {
  const query = readQuery(request);
  if (operation.method === "GET") return { input: merge(query, pathParameters), bodyText: "" };
  const [unexpected] = Object.keys(query);
  if (unexpected !== undefined) {
    throw invalid(
      `Send "${unexpected.slice(0, 80)}" in the JSON body: the address takes no query.`,
      unexpected,
    );
  }
  const bodyText = utf8Text(await readWebBody(request, operation.maxBodyBytes ?? MAX_BODY_BYTES));
  if (bodyText !== "" && !isJson(request)) {
    throw new ApiError(
      "unsupported_media_type",
      "Send JSON, with the header 'content-type: application/json'.",
    );
  }
  return { input: merge(bodyFields(bodyText), pathParameters), bodyText };
}

/** Whether a body is said to be JSON; one of which nothing is said is taken for it. */
export function isJson(request: Request): boolean {
  const type = request.headers.get("content-type");
  return type === null || /^application\/([\w.-]+\+)?json\s*(;|$)/i.test(type);
}

/** A name given several times is a list; whether it may be, the schema says. */
function readQuery(request: Request): Record<string, unknown> {
  const query = new URL(request.url).searchParams;
  const names = [...new Set(query.keys())];
  const fields = Object.fromEntries(
    names.map((name) => {
      const values = query.getAll(name);
      return [name, values.length === 1 ? values[0] : values];
    }),
  );
  refuseUnstorable(fields);
  return fields;
}

function bodyFields(text: string): Record<string, unknown> {
  if (text.trim() === "") return {};
  const body = parseJson(text);
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw invalid('The request body must be a JSON object, like {"name": "value"}.');
  }
  refuseUnstorable(body);
  return Object.fromEntries(Object.entries(body));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ApiError("invalid_request", "The request body is not valid JSON.", { cause });
  }
}

function merge(fields: Record<string, unknown>, path: Readonly<Record<string, string>>) {
  const twice = Object.keys(path).find((name) => Object.hasOwn(fields, name));
  if (twice !== undefined) throw invalid(`The URL sets "${twice}" already: remove it from the body.`, twice);
  return { ...fields, ...path };
}

const invalid = (message: string, param: string | null = null) =>
  new ApiError("invalid_request", message, { param: param === null ? null : param.slice(0, 80) });
