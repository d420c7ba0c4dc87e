import "server-only";
import { and, eq, inArray, or, sql } from "drizzle-orm";
import { z } from "zod";
import { keyPrefix, newApiKey } from "#lib/auth/api-key";
import type { Tx } from "#lib/db/client";
import { apiKeys, organizations, users } from "#lib/db/schema/identity";
import { models } from "#lib/db/schema/routing";
import { forbidden, invalidField } from "#lib/http/errors";
import { parseInput } from "#lib/http/parse-input";
import { recordAudit } from "#lib/services/audit/record-audit";
import type { ServiceContext } from "#lib/services/context";
import { mayCreateKeys, mayManageKey } from "./may-manage";

const NO_CONTROLS = /^[^\p{Cc}]*$/u;

export const CreateKeyInput = z.object({
  name: z
    .string()
    .trim()
    .min(1, "Give the key a name.")
    .max(80, "At most 80 characters.")
    .regex(NO_CONTROLS, "Only characters that can be seen."),
  /** An administrator chooses; everybody else's keys belong to their own organization. */
  organizationId: z.uuid("Choose an organization.").optional(),
  /** Null: a key of the organization as a whole. */
  userId: z.uuid("Choose a person.").nullable().default(null),
  /** Null: every model. */
  allowedModels: z.array(z.string().min(1).max(200)).max(200).nullable().default(null),
  expiresAt: z.iso
    .datetime({ error: "Give a date." })
    .refine((text) => new Date(text) > new Date(), "Choose a time in the future.")
    .nullable()
    .default(null),
});

/** A new key: `secret` exists here and nowhere else, ever again. */
export type CreatedKey = { id: string; name: string; prefix: string; secret: string };

/**
 * Makes a key and audits it.
 * @throws ServiceError "invalid" (also for an organization, person or model that is not there for this
 * actor), "forbidden" where the actor may not make such keys
 */
export async function createKey(
  ctx: ServiceContext,
  input: z.input<typeof CreateKeyInput>,
): Promise<CreatedKey> {
  if (!mayCreateKeys(ctx.actor)) throw forbidden("You may look at keys, but not make them.");
  if (ctx.hashSecret === undefined) throw new Error("createKey needs ctx.hashSecret");
  const { name, allowedModels, expiresAt, ...asked } = parseInput(CreateKeyInput, input);
  const owner = {
    organizationId: asked.organizationId ?? ctx.actor.organizationId,
    userId: ctx.actor.role === "member" ? (asked.userId ?? ctx.actor.id) : asked.userId,
  };
  if (owner.organizationId === null) throw invalidField("organizationId", "Choose an organization.");
  const { organizationId, userId } = owner;
  if (ctx.actor.role !== "admin" && organizationId !== ctx.actor.organizationId) {
    throw invalidField("organizationId", "There is no such organization.");
  }
  if (!mayManageKey(ctx.actor, { organizationId, userId })) {
    throw forbidden("You may make keys for yourself only.");
  }
  const secret = newApiKey("live");
  const row = {
    name,
    organizationId,
    userId,
    keyHash: ctx.hashSecret(secret),
    keyPrefix: keyPrefix(secret),
    allowedModels: allowedModels === null ? null : [...new Set(allowedModels)],
    expiresAt: expiresAt === null ? null : new Date(expiresAt),
    createdBy: ctx.actor.id,
  };
  return ctx.db.transaction(async (tx) => {
    await checkOwner(tx, organizationId, userId);
    await checkModels(tx, row.allowedModels ?? []);
    const [created] = await tx.insert(apiKeys).values(row).returning({ id: apiKeys.id });
    if (created === undefined) throw new Error("the key was not inserted");
    await recordAudit(tx, ctx, {
      action: "api_key.create",
      subjectType: "api_key",
      subjectId: created.id,
      organizationId,
      after: { name, userId, prefix: row.keyPrefix, allowedModels: row.allowedModels, expiresAt },
    });
    return { id: created.id, name, prefix: row.keyPrefix, secret };
  });
}

/** Locked against being deleted meanwhile. */
async function checkOwner(tx: Tx, organizationId: string, userId: string | null): Promise<void> {
  const [organization] = await tx
    .select({ id: organizations.id })
    .from(organizations)
    .where(eq(organizations.id, organizationId))
    .for("key share");
  if (organization === undefined) throw invalidField("organizationId", "There is no such organization.");
  if (userId === null) return;
  const [user] = await tx
    .select({ id: users.id })
    .from(users)
    .where(and(eq(users.id, userId), eq(users.organizationId, organizationId)))
    .for("key share");
  if (user === undefined) throw invalidField("userId", "There is no such person in this organization.");
}

/** A model that is not there would never be refused, only never match: say so while it can be mended. */
async function checkModels(tx: Tx, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  const known = await tx
    .select({ name: models.name, aliases: models.aliases })
    .from(models)
    .where(
      or(
        inArray(models.name, [...names]),
        sql`${models.aliases} && ${sql.param([...names], models.aliases)}`,
      ),
    );
  const found = new Set(known.flatMap((model) => [model.name, ...model.aliases]));
  const unknown = names.find((name) => !found.has(name));
  if (unknown !== undefined) throw invalidField("allowedModels", `There is no model "${unknown}".`);
}
