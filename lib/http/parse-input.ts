import type { z } from "zod";
import { ServiceError } from "./errors";
import { IN_PLAIN_WORDS } from "./plain-words";
import { rejectUnstorable } from "./reject-unstorable";

/** Far more than a form has. The message names each: ten thousand would be a megabyte. */
const MOST_NAMED = 50;
const LONGEST_FIELD = 200;

/**
 * Parses external input with its schema.
 * @throws ServiceError "invalid" with the first message for each field (if there are many, for some fifty of them), also
 * for text that the database cannot store; "not_found" if `id`, which comes from a URL, is malformed
 */
export function parseInput<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  // First the schema: a malformed id is not found, whatever its characters.
  const parsed = parseStorable(schema, input);
  rejectUnstorable(input);
  return parsed;
}

/** The same for input whose texts are not stored, or are judged later. */
export function parseStorable<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input, IN_PLAIN_WORDS);
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  const id = issues.find(({ path }) => path.join(".") === "id");
  if (id !== undefined) throw new ServiceError("not_found", id.message);
  const fields = new Map<string, string>();
  for (const issue of issues) {
    for (const [field, message] of namedIssue(issue)) if (!fields.has(field)) fields.set(field, message);
    if (fields.size >= MOST_NAMED) break;
  }
  const [message = "The input is not valid."] = fields.values();
  throw new ServiceError("invalid", message, Object.fromEntries(fields));
}

/** The field of an issue and its message; an unknown field is named itself. */
function namedIssue(issue: z.core.$ZodIssue): [field: string, message: string][] {
  // Only names that a client chooses are that long.
  if (issue.code !== "unrecognized_keys")
    return [[issue.path.join(".").slice(0, LONGEST_FIELD), issue.message]];
  return issue.keys.slice(0, MOST_NAMED).map((key) => {
    const name = [...issue.path, key.slice(0, 80)].join(".");
    return [name, `Unknown field "${name}".`];
  });
}
