import type { z } from "zod";
import { ServiceError } from "./errors";
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
  const parsed = schema.safeParse(input, { error: inPlainWords });
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

/** Says what to do, for schemas without a message of their own: not "expected string, received undefined". */
const inPlainWords: z.core.$ZodErrorMap = (issue) => {
  // Zod's own message lists all of them.
  if (issue.code === "unrecognized_keys") return "Unknown fields.";
  if (issue.input === undefined && issue.code !== "custom") return "This is required.";
  switch (issue.code) {
    case "invalid_type":
      return KINDS[issue.expected];
    case "too_small":
      return mustBe(issue.origin, issue.inclusive === false ? "more than" : "at least", issue.minimum);
    case "too_big":
      return mustBe(issue.origin, issue.inclusive === false ? "less than" : "at most", issue.maximum);
    default:
      return undefined;
  }
};

const KINDS: Readonly<Record<string, string>> = {
  string: "Must be a text.",
  number: "Must be a number.",
  int: "Must be a whole number.",
  boolean: "Must be true or false.",
  array: "Must be a list.",
  object: "Must be an object.",
};

function mustBe(origin: string, than: string, limit: number | bigint): string | undefined {
  switch (origin) {
    case "number":
    case "int":
      return `Must be ${than} ${limit}.`;
    case "string":
      return `Must have ${than} ${limit} ${limit === 1 ? "character" : "characters"}.`;
    case "array":
      return `Must have ${than} ${limit} ${limit === 1 ? "entry" : "entries"}.`;
    default:
      return undefined;
  }
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
