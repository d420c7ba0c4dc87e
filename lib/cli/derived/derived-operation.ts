import { z } from "zod";

const DerivedField = z.object({
  /** The API's name; `budget.limit_usd` for a part of an object. */
  name: z.string(),
  kind: z.enum(["text", "number", "boolean", "texts", "json"]),
  choices: z.array(z.string()).optional(),
  required: z.boolean().optional(),
  description: z.string().optional(),
});

/** An option of a derived command: a field of the body, or a query parameter. */
export type DerivedField = z.output<typeof DerivedField>;

/** An operation of the Admin API that has no command written by hand: what its command is made of. */
export const DerivedOperation = z.object({
  method: z.enum(["GET", "POST", "PATCH", "DELETE"]),
  /** Below /api/admin/v1: `/users/{id}/sessions`. */
  path: z.string(),
  /** As in `tollgate user sessions`. */
  group: z.string(),
  verb: z.string(),
  summary: z.string(),
  fields: z.array(DerivedField),
  /** The body is JSON of any form, which a file has. */
  takesFile: z.boolean().optional(),
  /** Answers a page with a cursor. */
  isList: z.boolean().optional(),
});

export type DerivedOperation = z.output<typeof DerivedOperation>;
