import { uuidv7 } from "#lib/credit/request-id";
import { openApiDocument } from "./openapi";
import { operations } from "./operations";

let text: string | undefined;

/** The response with the OpenAPI document of this release. */
export function openApiAnswer(): Response {
  text ??= JSON.stringify(openApiDocument(operations));
  return new Response(text, {
    headers: { "content-type": "application/json", "cache-control": "no-cache", "x-request-id": uuidv7() },
  });
}
