import { createHmac, randomBytes } from "node:crypto";
import { type EncryptionKeys, openWithAny } from "#lib/config/seal";
import { placeIn } from "#lib/db/schema/sealed-columns";
import { webhooks } from "#lib/db/schema/webhooks";

const PREFIX = "whsec_";
const SECRET_BYTES = 32;

/** A new secret, in the form of Standard Webhooks. */
export const newWebhookSecret = (): string => `${PREFIX}${randomBytes(SECRET_BYTES).toString("base64")}`;

export const secretPlace = (id: string) => placeIn(webhooks.secret, id);
export const previousSecretPlace = (id: string) => placeIn(webhooks.previousSecret, id);

type Secrets = Pick<
  typeof webhooks.$inferSelect,
  "id" | "secret" | "previousSecret" | "previousSecretExpiresAt"
>;

/**
 * The secrets that sign now, the current one first.
 * @throws SealBroken
 */
export function signingSecrets(row: Secrets, keys: EncryptionKeys, now: Date): string[] {
  const current = openWithAny(row.secret, keys, secretPlace(row.id));
  const { previousSecret, previousSecretExpiresAt } = row;
  if (previousSecret === null || previousSecretExpiresAt === null || previousSecretExpiresAt <= now) {
    return [current];
  }
  return [current, openWithAny(previousSecret, keys, previousSecretPlace(row.id))];
}

/** The headers of Standard Webhooks: the same id with every attempt, the time of this one, and a signature per secret. */
export function signatureHeaders(
  secrets: readonly string[],
  { id, body, now }: { id: string; body: string; now: Date },
): Record<string, string> {
  const timestamp = String(Math.floor(now.getTime() / 1000));
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(PREFIX.length), "base64");
    return `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")}`;
  });
  return {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": signatures.join(" "),
  };
}
