import type { Actor } from "#lib/auth/actor";
import { hashingSecrets, secretHash } from "#lib/auth/hashing-secrets";
import { passwordSalt } from "#lib/auth/password";
import { type Config, config } from "#lib/config/config";
import type { EncryptionKeys } from "#lib/config/seal";
import { controlDb, type Db, type Tx } from "#lib/db/client";
import { clientAddress } from "#lib/http/client-address";

/** What every verb gets: plain data, so that pages, actions, the Admin API and tests can each build it. */
export type ServiceContext = {
  /** A transaction when several verbs, or a verb and the record of its answer, form one change. */
  db: Db | Tx;
  actor: Actor;
  /** Turns a secret into what is stored. */
  hashSecret: (secret: string) => Buffer;
  /** The salt of the passwords of an e-mail address. */
  passwordSalt: (email: string) => Buffer;
  config: EncryptionKeys &
    Pick<Config, "BLOCK_PRIVATE_UPSTREAMS" | "ALLOW_PRIVATE_WEBHOOKS"> &
    Partial<Pick<Config, "SMTP_URL">>;
  /** Where the portal is, for links: an origin like `https://tollgate.example.com`. */
  portalUrl: string;
  /** The client's address, for the audit log. */
  requestIp?: string | null;
};

/** The context of a request whose caller is known. */
export function contextOf(actor: Actor, requestHeaders: Pick<Headers, "get">): ServiceContext {
  return {
    db: controlDb(),
    actor,
    hashSecret: secretHash(),
    passwordSalt: (email) => passwordSalt(hashingSecrets(), email),
    config: config(),
    portalUrl: portalUrl(requestHeaders),
    requestIp: clientAddress(requestHeaders),
  };
}

/** NEXTAUTH_URL, which start-up sets. On Vercel, which has none, the host of the request: Vercel routes by it. */
export function portalUrl(requestHeaders: Pick<Headers, "get">): string {
  return new URL(config().NEXTAUTH_URL ?? `https://${requestHeaders.get("host")}`).origin;
}
