import type { Actor, SystemActor } from "#lib/auth/actor";
import type { Tx } from "#lib/db/client";
import { auditLog } from "#lib/db/schema/identity";

/** A change. `before` and `after` are DTOs or parts of them, never with a secret. */
export type AuditEntry = {
  action: string;
  subjectType:
    | "api_key"
    | "app"
    | "admin_token"
    | "provider"
    | "model"
    | "price"
    | "organization"
    | "user"
    | "adjustment"
    | "webhook"
    | "installation";
  subjectId: string;
  organizationId: string | null;
  before?: Readonly<Record<string, unknown>>;
  after?: Readonly<Record<string, unknown>>;
};

/** Records who changed what, in the transaction of the change, so that neither exists without the other. */
export async function recordAudit(
  tx: Tx,
  ctx: { actor: Pick<Actor | SystemActor, "id" | "name">; requestIp?: string | null },
  entry: AuditEntry,
): Promise<void> {
  await tx.insert(auditLog).values({
    actorId: ctx.actor.id,
    actorName: ctx.actor.name,
    organizationId: entry.organizationId,
    action: entry.action,
    subjectType: entry.subjectType,
    subjectId: entry.subjectId,
    before: entry.before,
    after: entry.after,
    ip: ctx.requestIp ?? null,
  });
}
