import type { z } from "zod";
import { ServiceError } from "./errors";

/**
 * Checks what came from outside against its schema.
 * @throws ServiceError "invalid" with the first message for each field; "not_found" where the `id` that a
 * path or a page's address gives cannot be any thing's
 */
export function parseInput<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input, { error: whereMissing });
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  const id = issues.find(({ path }) => path.join(".") === "id");
  if (id !== undefined) throw new ServiceError("not_found", id.message);
  const fields = new Map<string, string>();
  for (const [field, message] of issues.flatMap(namedIssue)) {
    if (!fields.has(field)) fields.set(field, message);
  }
  const [message = "The input is not valid."] = fields.values();
  throw new ServiceError("invalid", message, Object.fromEntries(fields));
}

/** For schemas without words of their own, in the place of "expected string, received undefined". */
const whereMissing: z.core.$ZodErrorMap = (issue) =>
  issue.input === undefined && issue.code !== "custom" ? "This is required." : undefined;

/** A field's name and what is wrong with it; an unknown field is told by its own name. */
function namedIssue(issue: z.core.$ZodIssue): [field: string, message: string][] {
  if (issue.code !== "unrecognized_keys") return [[issue.path.join("."), issue.message]];
  return issue.keys.map((key) => {
    const name = [...issue.path, key.slice(0, 80)].join(".");
    return [name, `There is no field "${name}".`];
  });
}
