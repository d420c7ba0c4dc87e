import { unsupported } from "#lib/dialects/bounds/param-of";
import type { MessagesFields } from "./fields";

/**
 * Edits that only leave out what the model would read (platform.claude.com/docs/en/build-with-claude/context-editing).
 * A compaction generates a summary beyond `max_tokens`.
 */
const LEAVES_OUT: ReadonlySet<string> = new Set(["clear_tool_uses_20250919", "clear_thinking_20251015"]);

/** Edits that need thinking. */
const ABOUT_THINKING = /^clear_thinking_/;

/** @throws ApiError unsupported_parameter for an edit that may generate something */
export function checkContextEdits({ context_management: management }: MessagesFields): void {
  for (const [at, { type }] of (management?.edits ?? []).entries()) {
    if (!LEAVES_OUT.has(type))
      throw unsupported(
        `context_management.edits[${at}].type`,
        "it may generate more than the output bound.",
      );
  }
}

/** Whether the provider rejects the edits without thinking. */
export const needsThinking = (edits: readonly { type: string }[]): boolean =>
  edits.some(({ type }) => ABOUT_THINKING.test(type));
