import type { Delta } from "#lib/translation/delta";

/**
 * Says that a model's output cannot be read. There is no answer, but the provider bills what was generated: by this code
 * it is charged even if no usage is reported (lib/gateway/provider-errors/billed-errors.ts).
 */
export const invalidOutput = (reason: string, words: unknown): Delta => ({
  kind: "error",
  detail: {
    message: typeof words === "string" ? words : `The model's answer ended with ${reason}.`,
    type: reason,
    code: "malformed_output",
    status: 502,
  },
});
