import { hkdfSync, randomInt } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { SYSTEM } from "#lib/auth/actor";
import { hashPassword, verifyPassword } from "#lib/auth/password";
import type { Config } from "#lib/config/config";
import { StartUpError } from "#lib/config/start-up-error";
import type { Db } from "#lib/db/client";
import { auditLog, users } from "#lib/db/schema/identity";

/** How to sign in to the portal; the password is null where ADMIN_PASSWORD gave it, which need not be repeated. */
export type SignIn = { email: string; password: string | null };

/** Replicas that start together make one administrator. */
const FIRST_ADMINISTRATOR_LOCK = "742117901145";
/** Without the letters and digits that look alike. */
const READABLE = "abcdefghjkmnpqrstuvwxyz23456789";
const PASSWORD_LENGTH = 20;

type Settings = Pick<Config, "ADMIN_EMAIL" | "ADMIN_PASSWORD" | "ENCRYPTION_KEY">;

/**
 * Makes the first administrator where there is none yet, from ADMIN_EMAIL and ADMIN_PASSWORD. A password
 * that is not given is generated and seen this once; a demo's comes from ENCRYPTION_KEY, so that
 * every start can print it again without its being kept anywhere.
 * @returns how to sign in; null where that is not known, as on every later start without a demo
 * @throws StartUpError when the address belongs to a user who is no administrator
 */
export async function makeFirstAdministrator(
  db: Db,
  settings: Settings,
  demo: boolean,
): Promise<SignIn | null> {
  const email = settings.ADMIN_EMAIL ?? "admin@tollgate.local";
  const password =
    settings.ADMIN_PASSWORD ?? (demo ? demoPassword(settings.ENCRYPTION_KEY) : generatePassword());
  const signIn: SignIn = { email, password: settings.ADMIN_PASSWORD === undefined ? password : null };
  if (!(await hasAdministrator(db)) && (await insertAdministrator(db, email, password))) return signIn;
  return demo && (await letsIn(db, email, password)) ? signIn : null;
}

/** @returns false where another replica was first */
async function insertAdministrator(db: Db, email: string, password: string): Promise<boolean> {
  const passwordHash = await hashPassword(password);
  return db.transaction(async (tx) => {
    await tx.execute(sql`SELECT pg_advisory_xact_lock(${FIRST_ADMINISTRATOR_LOCK}::bigint)`);
    if (await hasAdministrator(tx)) return false;
    const [made] = await tx
      .insert(users)
      .values({ email, name: "Administrator", role: "admin", passwordHash })
      .onConflictDoNothing()
      .returning({ id: users.id });
    if (made === undefined) {
      throw new StartUpError(
        `There is no administrator yet, and ${email} is another user's address: set ADMIN_EMAIL to a new one.`,
      );
    }
    await tx.insert(auditLog).values({
      actorId: SYSTEM.id,
      actorName: SYSTEM.name,
      action: "user.create",
      subjectType: "user",
      subjectId: made.id,
      after: { email, role: "admin" },
    });
    return true;
  });
}

async function hasAdministrator(db: Pick<Db, "select">): Promise<boolean> {
  const rows = await db.select({ id: users.id }).from(users).where(eq(users.role, "admin")).limit(1);
  return rows.length > 0;
}

/** Whether this is how an administrator still signs in: it may have been changed, or made without the demo. */
async function letsIn(db: Db, email: string, password: string): Promise<boolean> {
  const [user] = await db
    .select({ role: users.role, passwordHash: users.passwordHash })
    .from(users)
    .where(eq(sql`lower(${users.email})`, email.toLowerCase()));
  return user?.role === "admin" && verifyPassword(password, user.passwordHash);
}

function generatePassword(): string {
  return readable(Array.from({ length: PASSWORD_LENGTH }, () => randomInt(READABLE.length)));
}

function demoPassword(encryptionKey: string): string {
  const key = Buffer.from(encryptionKey, "base64");
  const bytes = hkdfSync("sha256", key, "", "tollgate demo administrator v1", PASSWORD_LENGTH * 4);
  // Of 32 bits the remainder favours no letter by more than one in a hundred million.
  const numbers = new Uint32Array(bytes);
  return readable([...numbers].map((number) => number % READABLE.length));
}

/** Four groups of five, some 99 bits: easy to read off a terminal, hopeless to guess. */
function readable(indices: readonly number[]): string {
  const letters = indices.map((index) => READABLE[index]).join("");
  return letters.match(/.{5}/g)?.join("-") ?? letters;
}
