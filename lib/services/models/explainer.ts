import { z } from "zod";
import { oncePerProcess } from "#lib/config/once-per-process";

/** A request that is asked about: whose, to which endpoint, and with which body, as JSON. */
export const ExplainQuestion = z.object({
  caller: z.union([z.object({ apiKeyId: z.uuid() }), z.object({ appId: z.uuid() })]),
  endpoint: z.string(),
  body: z.string(),
});
export type ExplainQuestion = z.output<typeof ExplainQuestion>;

const Usd = z.string();

/** What would happen to it, and why. */
export const Explanation = z
  .object({
    scopes: z
      .array(
        z.object({
          scope: z.enum(["api_key", "app", "user", "organization"]),
          limit_usd: Usd,
          spent_usd: Usd,
          held_usd: Usd,
          remaining_usd: Usd,
        }),
      )
      .describe("The hard budgets that it is judged by, the narrowest first."),
    targets: z
      .array(
        z.object({
          provider: z.string(),
          upstream_model: z.string(),
          state: z
            .enum(["closed", "half_open", "open"])
            .describe("Of its breaker. `open`: it is down, and tried only if all others fail."),
          order: z.int().describe("1 is tried first."),
          reason: z.string().describe("Why it is in this place."),
          likely_cost_usd: Usd.describe("With the likely input and an answer of common length."),
          price_version_id: z.uuid(),
        }),
      )
      .describe("The targets that can serve it. A draw by `weighted` comes out differently each time."),
    hedge: z
      .object({
        after_ms: z.int(),
        provider: z.string(),
        upstream_model: z.string(),
        hold_usd: Usd.describe("What would be held besides."),
        fits: z
          .boolean()
          .describe(
            "Whether every budget and the target have room for both now. Otherwise there is no second attempt.",
          ),
      })
      .nullable()
      .describe("Where it would be sent besides, if no content comes for `hedge_after_ms`."),
    decision: z.object({
      allowed: z.boolean(),
      code: z.string().nullable().describe("Of the error, if it would be rejected."),
      message: z.string().nullable(),
      provider: z.string().nullable().describe("Where it would be sent first."),
      upstream_model: z.string().nullable(),
      hold_usd: Usd.nullable().describe("What would be held."),
    }),
  })
  .meta({ id: "Explanation" });
export type Explanation = z.output<typeof Explanation>;

/** An answer: an explanation, or what is not known in the question. */
export const ExplainAnswer = z.union([
  Explanation,
  z.object({ unknown: z.enum(["caller", "endpoint"]), message: z.string() }),
]);
export type ExplainAnswer = z.output<typeof ExplainAnswer>;

/**
 * What explains requests: the gateway of this process, or of the one that serves the data plane. Null where there is
 * none.
 */
export const explainer = (): { explain: ((question: ExplainQuestion) => Promise<ExplainAnswer>) | null } =>
  oncePerProcess("explainer", () => ({ explain: null }));
