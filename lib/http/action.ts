import { unstable_rethrow } from "next/navigation";
import type { z } from "zod";
import { log } from "#lib/observability/log";
import type { ActionResult } from "./action-result";
import { ServiceError } from "./errors";
import { parseInput } from "./parse-input";

/**
 * Makes a server action: checks the input, runs, and turns what a verb refused into data. What nobody
 * foresaw is logged and told in words that give nothing away. Next refuses other origins by itself.
 */
export function action<Schema extends z.ZodType, Output>(
  schema: Schema,
  run: (input: z.output<Schema>) => Promise<Output>,
): (input: z.input<Schema>) => Promise<ActionResult<Output>> {
  return async (input) => {
    try {
      return { ok: true, data: await run(parseInput(schema, input)) };
    } catch (error) {
      // Redirects and the like travel as exceptions, and are Next's.
      unstable_rethrow(error);
      if (error instanceof ServiceError) {
        return { ok: false, error: { message: error.message, fields: error.fields } };
      }
      log.error({ err: error }, "a server action failed");
      return { ok: false, error: { message: "That did not work. Please try again.", fields: {} } };
    }
  };
}
