import { randomUUID } from "node:crypto";
import type { EncryptionKeys } from "#lib/config/seal";
import type { Tx } from "#lib/db/client";
import { mails } from "#lib/db/schema/mail";
import { placeIn } from "#lib/db/schema/sealed-columns";
import { sealIn } from "#lib/services/sealing";

/** Where the link of a mail is sealed. */
export const linkPlace = (id: string) => placeIn(mails.link, id);

type LinkMail = Pick<typeof mails.$inferInsert, "toAddress" | "organizationId" | "resetId"> & {
  kind: "invitation" | "password_reset";
  url: string;
};

/** Queues a mail with a link, sealed until it is sent. */
export async function queueLink(tx: Tx, keys: EncryptionKeys, { url, ...mail }: LinkMail): Promise<void> {
  const id = randomUUID();
  const seal = await sealIn(tx, keys);
  await tx.insert(mails).values({ ...mail, id, link: seal(url, linkPlace(id)) });
}
