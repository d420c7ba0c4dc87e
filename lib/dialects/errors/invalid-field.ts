import type { z } from "zod";
import { ApiError } from "#lib/http/api-error";

/** What is wrong with a field, as a 400 that names it. */
export const invalidField = (param: string, what: string) =>
  new ApiError("invalid_request", `'${param}' ${what}.`, { param });

/**
 * The same for what a schema finds. Names the field as OpenAI does: `tools[0].type`.
 * @param within the field that the schema is for; none for the body
 */
export function invalidIssue(issue: z.core.$ZodIssue | undefined, within = ""): ApiError {
  const path = issue?.path ?? [];
  const param = path.reduce<string>(
    (name, part) => (typeof part === "number" ? `${name}[${part}]` : `${name}${name && "."}${String(part)}`),
    within,
  );
  const short = param.slice(0, 100);
  const what = short === "" ? "The request body" : `'${short}'`;
  const why = issue?.message.replace(/\.$/, "") ?? "is not valid";
  return new ApiError("invalid_request", `${sentence(what, why)}.`, {
    param: short || null,
  });
}

/** The words of lib/http/plain-words.ts as a sentence about a field. */
function sentence(what: string, why: string): string {
  if (why === "This is required") return `${what} is required`;
  return why.startsWith("Must ") ? `${what} m${why.slice(1)}` : `${what}: ${why}`;
}
