import { ApiError } from "#lib/http/api-error";
import { rejectCostlyJson } from "./json-cost";
import { isObject, type JsonObject } from "./json-fields";

/**
 * Parses a body that must be a JSON object.
 * @throws ApiError invalid_request
 */
export function parseObject(json: string): JsonObject {
  rejectCostlyJson(json);
  let body: unknown;
  try {
    body = JSON.parse(json);
  } catch {
    throw new ApiError("invalid_request", "The request body is not valid JSON.");
  }
  if (isObject(body)) return body;
  throw new ApiError("invalid_request", "The request body must be a JSON object.");
}
