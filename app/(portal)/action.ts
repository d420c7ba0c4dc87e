import { revalidatePath } from "next/cache";
import { unstable_rethrow } from "next/navigation";
import type { z } from "zod";
import type { ActionResult } from "#lib/http/action-result";
import { ApiError } from "#lib/http/api-error";
import { ServiceError } from "#lib/http/errors";
import { log } from "#lib/observability/log";
import type { ServiceContext } from "#lib/services/context";
import type { Verb } from "#lib/services/verb";
import { serviceContext } from "./service-context";

type Options = {
  /** The page to return to after signing in again. */
  page: string;
  /** Off for a deletion on the deleted entity's page, which would be a 404 before the browser leaves it. */
  refresh?: boolean;
};

/**
 * A server action that runs a verb as the signed-in user. The verb's errors become data, so that a form can show
 * them at its fields; other errors are logged, and their message is generic. Names and states appear on many
 * pages, so all of them are refreshed. Next rejects requests from other origins.
 */
export function action<Input extends z.ZodType, Output extends z.ZodType>(
  verb: Verb<ServiceContext, Input, Output>,
  { page, refresh = true }: Options,
): (input: z.input<Input>) => Promise<ActionResult<z.output<Output>>> {
  return async (input) => {
    try {
      const data = await verb.handle(await serviceContext(page), input);
      if (refresh) revalidatePath("/", "layout");
      return { ok: true, data };
    } catch (error) {
      // Next throws its redirects.
      unstable_rethrow(error);
      // What a provider that was asked answers is for the one who asked.
      if (error instanceof ApiError) return { ok: false, error: { message: error.message, fields: {} } };
      if (error instanceof ServiceError) {
        return { ok: false, error: { message: error.message, fields: error.fields } };
      }
      log.error({ err: error }, "server action failed");
      return { ok: false, error: { message: "Something went wrong. Please try again.", fields: {} } };
    }
  };
}
