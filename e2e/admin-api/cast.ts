import { randomBytes } from "node:crypto";
import { newAdminToken } from "#lib/auth/admin-token";
import { keyPrefix, newApiKey, secretHasher } from "#lib/auth/api-key";
import { hashPassword } from "#lib/auth/password";
import { openControlDb, type Tx } from "#lib/db/client";
import { accounts, adminTokens, apiKeys, organizations, users } from "#lib/db/schema/identity";
import { firstRow } from "#lib/testing/first-row";
import type { Gate } from "../fixtures";

export const PASSWORD = "the password of the cast";
/** Computed once, since a hash takes a tenth of a second. */
const hashedPassword = hashPassword(PASSWORD);

export type Person = { id: string; email: string };
type Role = "admin" | "org_admin" | "member" | "viewer";

/** An organization with a user of each role, and a key of its member. */
export type Tenant = {
  id: string;
  name: string;
  orgAdmin: Person;
  member: Person;
  viewer: Person;
  /** The member's key. */
  key: { id: string; secret: string };
};

/** The users, keys and tokens of two organizations, so that each tests what the other may not see. */
export type Cast = {
  a: Tenant;
  b: Tenant;
  admin: Person;
  tokens: { admin: string; orgAdmin: string; viewer: string; orgAdminOfB: string };
  /** Stored forms of secrets, which no response may contain. */
  stored: string[];
};

/** Writes a cast with new names into the mount's database. */
export async function seedCast(gate: Gate): Promise<Cast> {
  const db = openControlDb(gate.databaseUrl, 1);
  const hash = secretHasher(gate.encryptionKey);
  const label = randomBytes(4).toString("hex");
  const passwordHash = await hashedPassword;
  const stored = [passwordHash];
  const keep = (bytes: Buffer) => {
    stored.push(bytes.toString("hex"), bytes.toString("base64"), bytes.toString("base64url"));
    return bytes;
  };

  const person = async (tx: Tx, name: string, role: Role, organizationId: string | null) => {
    const email = `${name}-${label}@example.com`;
    const account = { email, passwordHash, homeOrganizationId: organizationId };
    const accountId = firstRow(await tx.insert(accounts).values(account).returning({ id: accounts.id })).id;
    const values = { email, name, role, organizationId, accountId };
    const id = firstRow(await tx.insert(users).values(values).returning({ id: users.id })).id;
    return { id, email };
  };
  const tenant = async (tx: Tx, name: string): Promise<Tenant> => {
    const named = { name: `${name} ${label}` };
    const { id } = firstRow(await tx.insert(organizations).values(named).returning({ id: organizations.id }));
    const member = await person(tx, `member-of-${name}`, "member", id);
    const secret = newApiKey("live");
    const keyRow = {
      name: `key of ${name}`,
      organizationId: id,
      userId: member.id,
      keyHash: keep(hash(secret)),
      keyPrefix: keyPrefix(secret),
    };
    const key = firstRow(await tx.insert(apiKeys).values(keyRow).returning({ id: apiKeys.id }));
    return {
      id,
      ...named,
      member,
      orgAdmin: await person(tx, `org-admin-of-${name}`, "org_admin", id),
      viewer: await person(tx, `viewer-of-${name}`, "viewer", id),
      key: { id: key.id, secret },
    };
  };
  const token = async (tx: Tx, role: Role, organizationId: string | null) => {
    const secret = newAdminToken();
    await tx.insert(adminTokens).values({
      name: `${role} ${label}`,
      role,
      organizationId,
      tokenHash: keep(hash(secret)),
      tokenPrefix: keyPrefix(secret),
      createdBy: "e2e",
    });
    return secret;
  };

  try {
    return await db.transaction(async (tx) => {
      const a = await tenant(tx, "a");
      const b = await tenant(tx, "b");
      const tokens = {
        admin: await token(tx, "admin", null),
        orgAdmin: await token(tx, "org_admin", a.id),
        viewer: await token(tx, "viewer", a.id),
        orgAdminOfB: await token(tx, "org_admin", b.id),
      };
      return { a, b, admin: await person(tx, "admin", "admin", null), tokens, stored };
    });
  } finally {
    await db.$client.end({ timeout: 5 });
  }
}
