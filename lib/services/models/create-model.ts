import "server-only";
import { inArray, or, sql } from "drizzle-orm";
import { z } from "zod";
import { RatesShape } from "#lib/credit/price";
import { ensurePriceVersion } from "#lib/credit/price-version";
import type { Tx } from "#lib/db/client";
import { models, modelTargets } from "#lib/db/schema/routing";
import { ServiceError } from "#lib/http/errors";
import { parseInput } from "#lib/http/parse-input";
import { recordAudit } from "#lib/services/audit/record-audit";
import { type RoutingContext, requireRoutingAdministrator } from "#lib/services/providers/routing-context";
import { catalogueTargetPrice, providersOf } from "./target-price";

const modelName = z
  .string()
  .trim()
  .regex(/^[\x21-\x7e]{1,200}$/, "Use 1 to 200 letters, digits and signs, without spaces.");
const tokens = z.int().positive().max(2_147_483_647);

export const CreateModelInput = z.object({
  /** What clients ask for. */
  name: modelName,
  aliases: z.array(modelName).max(50).default([]),
  strategy: z.enum(["priority", "round_robin", "weighted", "least_latency"]).default("priority"),
  /** Where it is served, under the provider's own name for it. */
  targets: z
    .array(
      z.object({
        providerId: z.uuid("Choose a provider."),
        upstreamModel: modelName,
        weight: z.int().min(1).max(1000).default(1),
        priority: z.int().min(0).max(1000).default(0),
        enabled: z.boolean().default(true),
      }),
    )
    .min(1, "Give at least one target.")
    .max(50)
    .refine(
      (targets) => new Set(targets.map((t) => `${t.providerId} ${t.upstreamModel}`)).size === targets.length,
      "A target stands there twice.",
    ),
  /** In USD per million tokens, for every target; without it, each target's price is the catalogue's. */
  price: RatesShape.optional(),
  /** In tokens, input and output together; without it, what the catalogue knows. */
  contextWindow: tokens.optional(),
  maxOutputTokens: tokens.optional(),
  enabled: z.boolean().default(true),
});

export type ModelSummary = {
  id: string;
  name: string;
  aliases: readonly string[];
  contextWindow: number | null;
  maxOutputTokens: number | null;
  enabled: boolean;
  createdAt: Date;
  targets: readonly { providerName: string; upstreamModel: string; priceVersionId: string }[];
};

/**
 * Makes a model with its targets and their price versions, and audits it.
 * @throws ServiceError "invalid" (also where a price must be given by hand), "conflict" for a name or alias
 * that is taken, "forbidden" for all but administrators
 */
export async function createModel(
  ctx: RoutingContext,
  input: z.input<typeof CreateModelInput>,
): Promise<ModelSummary> {
  requireRoutingAdministrator(ctx);
  const { targets, price, ...asked } = parseInput(CreateModelInput, input);
  const aliases = [...new Set(asked.aliases)].filter((alias) => alias !== asked.name);
  return ctx.db.transaction(async (tx) => {
    await checkNames(tx, [asked.name, ...aliases]);
    const providers = await providersOf(
      tx,
      targets.map((target) => target.providerId),
    );
    const at = new Date();
    const priced = await Promise.all(
      targets.map(async (target) => {
        const provider = providers.get(target.providerId);
        if (provider === undefined) throw new Error("providersOf has let a provider pass that is not there");
        const version = price
          ? {
              source: "manual" as const,
              origin: `by hand: ${ctx.actor.name}`,
              rates: price,
              contextWindow: null,
            }
          : catalogueTargetPrice(provider, target.upstreamModel, at);
        const priceVersionId = await ensurePriceVersion(tx, version);
        return { target, provider, priceVersionId, contextWindow: version.contextWindow };
      }),
    );
    // What every target can take.
    const known = priced.flatMap(({ contextWindow }) => (contextWindow === null ? [] : [contextWindow]));
    const contextWindow = asked.contextWindow ?? (known.length > 0 ? Math.min(...known) : null);
    const [made] = await tx
      .insert(models)
      .values({ ...asked, aliases, contextWindow })
      .returning();
    if (made === undefined) throw new Error("the model was not inserted");
    await tx
      .insert(modelTargets)
      .values(priced.map(({ target, priceVersionId }) => ({ ...target, modelId: made.id, priceVersionId })));
    const summary = {
      name: made.name,
      aliases,
      contextWindow,
      maxOutputTokens: made.maxOutputTokens,
      enabled: made.enabled,
      targets: priced.map(({ target, provider, priceVersionId }) => ({
        providerName: provider.name,
        upstreamModel: target.upstreamModel,
        priceVersionId,
      })),
    };
    await recordAudit(tx, ctx, {
      action: "model.create",
      subjectType: "model",
      subjectId: made.id,
      organizationId: null,
      after: summary,
    });
    return { id: made.id, createdAt: made.createdAt, ...summary };
  });
}

/** Names and aliases are one namespace, which no constraint can guard: hence the lock. */
async function checkNames(tx: Tx, names: readonly string[]): Promise<void> {
  await tx.execute(sql`LOCK TABLE ${models} IN SHARE ROW EXCLUSIVE MODE`);
  const wanted = [...names];
  const taken = await tx
    .select({ name: models.name, aliases: models.aliases })
    .from(models)
    .where(or(inArray(models.name, wanted), sql`${models.aliases} && ${sql.param(wanted, models.aliases)}`));
  const used = new Set(taken.flatMap((model) => [model.name, ...model.aliases]));
  const clash = names.find((name) => used.has(name));
  if (clash === undefined) return;
  const field = clash === names[0] ? "name" : "aliases";
  throw new ServiceError("conflict", `There is a model named "${clash}" already.`, {
    [field]: `"${clash}" is taken.`,
  });
}
