import { z } from "zod";
import type { ServiceContext } from "#lib/services/context";
import { verb } from "#lib/services/verb";

/** A verb for everyone, without input, that returns what `run` returns. */
export const testVerb = (run: (ctx: ServiceContext) => Promise<unknown> = async () => ({})) =>
  verb({ role: "viewer", input: z.strictObject({}), output: z.unknown(), run });
