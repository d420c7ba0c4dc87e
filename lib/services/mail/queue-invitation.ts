import { randomUUID } from "node:crypto";
import { and, eq, isNotNull, sql } from "drizzle-orm";
import type { Tx } from "#lib/db/client";
import { mails } from "#lib/db/schema/mail";
import { placeIn } from "#lib/db/schema/sealed-columns";
import type { ServiceContext } from "#lib/services/context";
import { sealIn } from "#lib/services/sealing";

/** Where the link of a mail is sealed. */
export const linkPlace = (id: string) => placeIn(mails.link, id);

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
  const id = randomUUID();
  const seal = await sealIn(tx, config);
  // One that still waits would have the link of an earlier invite, which this one replaces.
  await tx
    .delete(mails)
    .where(
      and(
        eq(mails.toAddress, to),
        sql`${mails.organizationId} is not distinct from ${organizationId}`,
        isNotNull(mails.link),
      ),
    );
  await tx.insert(mails).values({ id, toAddress: to, organizationId, link: seal(url, linkPlace(id)) });
  return true;
}
