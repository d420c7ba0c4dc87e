import { isLimitName } from "#lib/dialects/bounds/read-limits";
import type { FieldsRead } from "#lib/dialects/text/unambiguous-fields";

/** What is read of a body whose answer has choices: its own fields, all limits, and what a stream is asked for. */
export const fieldsRead = (isOwn: (name: string) => boolean): FieldsRead => ({
  isRead: (name) => isOwn(name) || isLimitName(name),
  // Decides whether a stream's usage is reported.
  inside: { stream_options: (name) => name === "include_usage" },
});
