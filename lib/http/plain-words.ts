import type { z } from "zod";

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
  string: "Must be a string.",
  number: "Must be a number.",
  int: "Must be a whole number.",
  boolean: "Must be true or false.",
  array: "Must be an array.",
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

/** What a schema takes, to say what is wrong in these words. */
export const IN_PLAIN_WORDS = { error: inPlainWords };
