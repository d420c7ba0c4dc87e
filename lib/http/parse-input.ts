import type { z } from "zod";
import { ServiceError } from "./errors";
import { rejectUnstorable } from "./reject-unstorable";

/**
 * Parses external input with its schema.
 * @throws ServiceError "invalid" with the first message for each field, also for text that the database cannot store;
 * "not_found" if `id`, which comes from a URL, is malformed
 */
export function parseInput<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  rejectUnstorable(input);
  return parseStorable(schema, input);
}

/** The same for input whose texts are not stored, or are judged later. */
export function parseStorable<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
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

/** Replaces "expected string, received undefined" for schemas without a message of their own. */
const whereMissing: z.core.$ZodErrorMap = (issue) =>
  issue.input === undefined && issue.code !== "custom" ? "This is required." : undefined;

/** The field of an issue and its message; an unknown field is named itself. */
function namedIssue(issue: z.core.$ZodIssue): [field: string, message: string][] {
  if (issue.code !== "unrecognized_keys") return [[issue.path.join("."), issue.message]];
  return issue.keys.map((key) => {
    const name = [...issue.path, key.slice(0, 80)].join(".");
    return [name, `Unknown field "${name}".`];
  });
}
