import { createHash } from "node:crypto";
import type { Actor, Role, TokenActor } from "#lib/auth/actor";
import { passwordSalt } from "#lib/auth/password";
import type { Db, Tx } from "#lib/db/client";

/** A well-formed id of nothing. */
export const UNKNOWN_ID = "01890000-0000-7000-8000-000000000000";

export const hashSecret = (secret: string) => createHash("sha256").update(`test ${secret}`).digest();

/** The bearer of an admin token; an administrator's unless given another role. */
export const tokenActor = (
  role: Role = "admin",
  organizationId: string | null = null,
  rest: Partial<TokenActor> = {},
): TokenActor => ({ kind: "token", id: "test-token", name: "test token", role, organizationId, ...rest });

export const ENCRYPTION_KEY = createHash("sha256").update("test encryption key").digest("base64");

/** A verb's context as `actor`; as an administrator's token unless given. */
export const testContext = <D extends Db | Tx>(db: D, actor: Actor = tokenActor()) => ({
  db,
  actor,
  hashSecret,
  passwordSalt: (email: string) => passwordSalt(ENCRYPTION_KEY, email),
  config: { ENCRYPTION_KEY, BLOCK_PRIVATE_UPSTREAMS: false, ALLOW_PRIVATE_WEBHOOKS: false },
  portalUrl: "http://portal.test",
  requestIp: "192.0.2.7",
});
