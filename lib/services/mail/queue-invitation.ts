import { and, eq, sql } from "drizzle-orm";
import type { Tx } from "#lib/db/client";
import { mails } from "#lib/db/schema/mail";
import type { ServiceContext } from "#lib/services/context";
import { queueLink } from "./queue-link";

/**
 * Queues the mail with an invite's link, in the transaction of the invite.
 * @returns false without SMTP_URL
 */
export async function queueInvitation(
  tx: Tx,
  { config }: Pick<ServiceContext, "config">,
  { to, url, organizationId }: { to: string; url: string; organizationId: string | null },
): Promise<boolean> {
  if (config.SMTP_URL === undefined) return false;
  // One that still waits would have the link of an earlier invite, which this one replaces.
  await tx
    .delete(mails)
    .where(
      and(
        eq(mails.toAddress, to),
        sql`${mails.organizationId} is not distinct from ${organizationId}`,
        eq(mails.kind, "invitation"),
      ),
    );
  await queueLink(tx, config, { kind: "invitation", toAddress: to, organizationId, url });
  return true;
}
