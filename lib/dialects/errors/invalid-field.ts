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
  return new ApiError("invalid_request", `${what}: ${issue?.message ?? "is not valid"}.`, {
    param: short || null,
  });
}
