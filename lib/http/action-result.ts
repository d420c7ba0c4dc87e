import type { FieldErrors } from "./errors";

/** The result of a server action. Errors are data, so that a form can show them next to its fields. */
export type ActionResult<T> =
  | { ok: true; data: T }
  | { ok: false; error: { message: string; fields: FieldErrors } };
