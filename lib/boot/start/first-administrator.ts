import { hkdfSync, randomInt } from "node:crypto";
import { and, eq, sql } from "drizzle-orm";
import { SYSTEM } from "#lib/auth/actor";
import type { HashingSecrets } from "#lib/auth/derived-secrets";
import { hashPassword, passwordSalt, verifyPassword } from "#lib/auth/password";
import type { Config } from "#lib/config/config";
import { StartUpError } from "#lib/config/start-up-error";
import type { Db } from "#lib/db/client";
import { accounts, auditLog, users } from "#lib/db/schema/identity";

/** How to sign in to the portal; the password is null if it came from ADMIN_PASSWORD. */
export type SignIn = { email: string; password: string | null };

/** Replicas that start together create one administrator. */
const FIRST_ADMINISTRATOR_LOCK = "742117901145";
/** Without letters and digits that look alike. */
const READABLE = "abcdefghjkmnpqrstuvwxyz23456789";
const PASSWORD_LENGTH = 20;

type Settings = Pick<Config, "ADMIN_EMAIL" | "ADMIN_PASSWORD"> & { hashing: HashingSecrets };

/**
 * Creates the first administrator from ADMIN_EMAIL and ADMIN_PASSWORD. Without ADMIN_PASSWORD the password is
 * generated and shown once; a demo derives it from the pepper, so that every start can print it.
 * @returns how to sign in; null if unknown, as on later starts without a demo
 * @throws StartUpError when the address belongs to a user who is not an administrator
 */
export async function createFirstAdministrator(
  db: Db,
  settings: Settings,
  demo: boolean,
): Promise<SignIn | null> {
  const email = settings.ADMIN_EMAIL ?? "admin@tollgate.local";
  const password =
    settings.ADMIN_PASSWORD ?? (demo ? demoPassword(settings.hashing.pepper) : generatePassword());
  const signIn: SignIn = { email, password: settings.ADMIN_PASSWORD === undefined ? password : null };
  if (!(await hasAdministrator(db)) && (await insertAdministrator(db, settings, email, password)))
    return signIn;
  return demo && (await isValidSignIn(db, email, password)) ? signIn : null;
}

/** @returns false if another replica was first */
async function insertAdministrator(
  db: Db,
  { hashing }: Pick<Settings, "hashing">,
  email: string,
  password: string,
): Promise<boolean> {
  const passwordHash = await hashPassword(password, passwordSalt(hashing, email));
  return db.transaction(async (tx) => {
    await tx.execute(sql`SELECT pg_advisory_xact_lock(${FIRST_ADMINISTRATOR_LOCK}::bigint)`);
    if (await hasAdministrator(tx)) return false;
    // The operator's own address, which needs no confirmation.
    const [account] = await tx
      .insert(accounts)
      .values({ email, passwordHash, emailConfirmedAt: sql`now()` })
      .onConflictDoNothing()
      .returning({ id: accounts.id });
    if (account === undefined) {
      throw new StartUpError(
        `No administrator exists yet, and ${email} belongs to another user: set ADMIN_EMAIL to a new address.`,
      );
    }
    const [created] = await tx
      .insert(users)
      .values({ email, name: "Administrator", role: "admin", accountId: account.id })
      .returning({ id: users.id });
    if (created === undefined) throw new Error("the administrator was not inserted");
    await tx.insert(auditLog).values({
      actorId: SYSTEM.id,
      actorName: SYSTEM.name,
      action: "user.create",
      subjectType: "user",
      subjectId: created.id,
      after: { email, role: "admin" },
    });
    return true;
  });
}

async function hasAdministrator(db: Pick<Db, "select">): Promise<boolean> {
  const rows = await db.select({ id: users.id }).from(users).where(eq(users.role, "admin")).limit(1);
  return rows.length > 0;
}

/** Whether an administrator can sign in with these: the password may have changed, or come from a start without demo. */
async function isValidSignIn(db: Db, email: string, password: string): Promise<boolean> {
  const [user] = await db
    .select({ passwordHash: accounts.passwordHash })
    .from(users)
    .innerJoin(accounts, eq(accounts.id, users.accountId))
    .where(and(eq(users.role, "admin"), eq(sql`lower(${accounts.email})`, email.toLowerCase())));
  return user !== undefined && verifyPassword(password, user.passwordHash);
}

function generatePassword(): string {
  return readable(Array.from({ length: PASSWORD_LENGTH }, () => randomInt(READABLE.length)));
}

function demoPassword(pepper: Buffer): string {
  const bytes = hkdfSync("sha256", pepper, "", "tollgate demo administrator v1", PASSWORD_LENGTH * 4);
  // With 32 bits, the bias of the remainder is below one in a hundred million.
  const numbers = new Uint32Array(bytes);
  return readable([...numbers].map((number) => number % READABLE.length));
}

/** Four groups of five letters, about 99 bits. */
function readable(indices: readonly number[]): string {
  const letters = indices.map((index) => READABLE[index]).join("");
  return letters.match(/.{5}/g)?.join("-") ?? letters;
}
