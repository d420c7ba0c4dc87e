import { and, eq, isNull, lte, sql } from "drizzle-orm";
import { type EncryptionKeys, openWithAny } from "#lib/config/seal";
import type { Db } from "#lib/db/client";
import { events } from "#lib/db/schema/events";
import { organizations, users } from "#lib/db/schema/identity";
import { mails } from "#lib/db/schema/mail";
import { invites, passwordResets } from "#lib/db/schema/sessions";
import { log } from "#lib/observability/log";
import { waitAfterMs } from "#lib/services/webhooks/retry-schedule";
import { addressChangedText, eventText, invitationText, passwordChangedText, resetText } from "./letter";
import { MailRejected, type MailTransport, reasonOf } from "./mail-transport";
import { linkPlace } from "./queue-link";

/** How long a batch may take before another process sends what is left of it. */
const LEASE_MS = 300_000;
const BATCH = 10;

/** What sending needs; clock and chance are parameters of tests. */
export type MailSending = {
  transport: MailTransport;
  keys: EncryptionKeys;
  portalUrl: string | null;
  now: () => Date;
  random: () => number;
};

type MailRow = typeof mails.$inferSelect;

/**
 * Sends the mail that is due, until none is or the time is up. Replicas share it: each mail is claimed by one. A server
 * that cannot be reached ends the run, and the mail is sent later.
 * @returns how many were sent
 */
export async function deliverMail(db: Db, sending: MailSending, timeLimitMs: number): Promise<number> {
  const deadline = performance.now() + timeLimitMs;
  let sent = 0;
  while (performance.now() < deadline) {
    const claimed = await claim(db, sending.now());
    if (claimed.length === 0) break;
    for (const [index, mail] of claimed.entries()) {
      const outcome = performance.now() < deadline ? await sendOne(db, mail, sending) : "unreachable";
      if (outcome === "sent") sent += 1;
      if (outcome !== "unreachable") continue;
      await giveBack(db, claimed.slice(index + 1), sending.now());
      return sent;
    }
  }
  return sent;
}

async function sendOne(
  db: Db,
  mail: MailRow,
  sending: MailSending,
): Promise<"sent" | "failed" | "unreachable"> {
  try {
    const text = await textOf(db, mail, sending);
    // Its event or its organization has been deleted meanwhile.
    if (text !== null) await sending.transport.send({ id: mail.id, to: mail.toAddress, ...text });
    await ended(db, mail, { status: "sent", link: null, error: null });
    return "sent";
  } catch (error) {
    const reason = reasonOf(error);
    const waitMs = error instanceof MailRejected ? null : waitAfterMs(mail.attempts, sending.random);
    log.warn({ mail: mail.id, reason, attempt: mail.attempts }, "mail not sent");
    if (waitMs === null) {
      await ended(db, mail, { status: "failed", link: null, error: reason });
      return "failed";
    }
    await ended(db, mail, { error: reason, nextAttemptAt: new Date(sending.now().getTime() + waitMs) });
    return "unreachable";
  }
}

/** Records how an attempt ended, unless it outlived its lease and another one was made. */
const ended = (db: Db, mail: MailRow, change: Partial<MailRow>) =>
  db
    .update(mails)
    .set(change)
    .where(and(eq(mails.id, mail.id), eq(mails.attempts, mail.attempts), eq(mails.status, "pending")));

/** @returns null if what it tells of has been deleted meanwhile, or its link has ended */
async function textOf(db: Db, mail: MailRow, { keys, portalUrl }: MailSending) {
  const link = () => (mail.link === null ? null : openWithAny(mail.link, keys, linkPlace(mail.id)));
  switch (mail.kind) {
    case "event": {
      const event = await eventOf(db, mail);
      return event === undefined ? null : eventText(event, portalUrl);
    }
    case "invitation": {
      const url = (await isInvited(db, mail)) ? link() : null;
      return url === null ? null : invitationText(url, await organizationOf(db, mail));
    }
    case "password_reset": {
      const url = (await isOpen(db, mail)) ? link() : null;
      return url === null ? null : resetText(url, await organizationOf(db, mail));
    }
    case "password_changed":
      return passwordChangedText(portalUrl);
    case "address_changed":
      return addressChangedText(await organizationOf(db, mail));
  }
}

async function eventOf(db: Db, { eventId }: MailRow) {
  if (eventId === null) return undefined;
  const [event] = await db.select().from(events).where(eq(events.id, eventId));
  return event;
}

async function organizationOf(db: Db, { organizationId }: MailRow): Promise<string | null> {
  if (organizationId === null) return null;
  const [found] = await db
    .select({ name: organizations.name })
    .from(organizations)
    .where(eq(organizations.id, organizationId));
  return found?.name ?? null;
}

/** Whether a link to a new password still works. */
async function isOpen(db: Db, { resetId }: MailRow): Promise<boolean> {
  if (resetId === null) return false;
  const open = and(eq(passwordResets.id, resetId), sql`${passwordResets.expiresAt} > now()`);
  return (await db.$count(passwordResets, open)) > 0;
}

/** Whether the address has an invite still. An invite that replaces another replaces its mail, so it is this one. */
async function isInvited(db: Db, { toAddress, organizationId }: MailRow): Promise<boolean> {
  const rows = await db
    .select({ userId: invites.userId })
    .from(invites)
    .innerJoin(users, eq(users.id, invites.userId))
    .where(
      and(
        eq(users.email, toAddress),
        sql`${users.organizationId} is not distinct from ${organizationId}`,
        isNull(users.accountId),
        sql`${invites.expiresAt} > now()`,
      ),
    );
  return rows.length > 0;
}

/** Takes the next mail for the time of a batch. */
async function claim(db: Db, now: Date): Promise<MailRow[]> {
  const due = db
    .select({ id: mails.id })
    .from(mails)
    .where(and(eq(mails.status, "pending"), lte(mails.nextAttemptAt, now)))
    .orderBy(mails.nextAttemptAt)
    .limit(BATCH)
    .for("update", { skipLocked: true });
  return db
    .update(mails)
    .set({ attempts: sql`${mails.attempts} + 1`, nextAttemptAt: new Date(now.getTime() + LEASE_MS) })
    .where(sql`${mails.id} in ${due}`)
    .returning();
}

/** What was claimed and not tried is due again, without an attempt more. */
async function giveBack(db: Db, untried: readonly MailRow[], now: Date): Promise<void> {
  for (const mail of untried) {
    await ended(db, mail, { attempts: mail.attempts - 1, nextAttemptAt: now });
  }
}
