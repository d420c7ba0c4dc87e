import type { z } from "zod";
import { ServiceError } from "./errors";

/**
 * Checks what came from outside against its schema.
 * @throws ServiceError "invalid" with the first message for each field
 */
export function parseInput<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const fields: Record<string, string> = {};
  for (const issue of parsed.error.issues) fields[issue.path.join(".")] ??= issue.message;
  const [message = "The input is not valid."] = Object.values(fields);
  throw new ServiceError("invalid", message, fields);
}
