import { and, eq, isNull } from "drizzle-orm";
import type { Tx } from "#lib/db/client";
import { accounts } from "#lib/db/schema/identity";
import { mails } from "#lib/db/schema/mail";
import { forbidden } from "#lib/http/errors";
import type { ServiceContext } from "#lib/services/context";
import type { UserRow } from "./user";
import { userTaken } from "./user-access";

/**
 * Rejects a token that changes an administrator's address: a reset by mail would make their account, which outlives the
 * token, its bearer's. Others who may change the user have the rights of the user themselves.
 * @throws ServiceError "forbidden"
 */
export function requireMayChangeAddress(
  actor: ServiceContext["actor"],
  { role, accountId }: Pick<UserRow, "role" | "accountId">,
): void {
  if (role !== "admin" || accountId === null || actor.kind === "user" || actor.id === "admin_api_key") return;
  throw forbidden(
    "An admin token may not change the e-mail address of an administrator. Sign in to the portal, or use ADMIN_API_KEY.",
  );
}

/**
 * An unconfirmed account has the e-mail address and the organization of its only membership. A confirmed one is its
 * person's own: the membership's address says only how the organization reaches them. A new address is told to the old one.
 */
export async function moveAccount(
  tx: Tx,
  { actor, config }: Pick<ServiceContext, "actor" | "config">,
  before: UserRow,
  { accountId, email, organizationId }: UserRow,
): Promise<void> {
  if (accountId === null || email === null) return;
  const isOther = email !== before.email;
  const moved = await tx
    .update(accounts)
    .set({
      email,
      homeOrganizationId: organizationId,
      ...(isOther ? { emailVouched: actor.role === "admin" } : {}),
    })
    .where(and(eq(accounts.id, accountId), isNull(accounts.emailConfirmedAt)))
    .returning({ id: accounts.id })
    .catch(userTaken);
  if (moved.length === 0 || !isOther || before.email === null || config.SMTP_URL === undefined) return;
  await tx.insert(mails).values({
    kind: "address_changed",
    toAddress: before.email,
    organizationId: before.organizationId,
  });
}
