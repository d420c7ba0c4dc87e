import { createPrivateKey, sign } from "node:crypto";
import { z } from "zod";
import type { Signer } from "./signer";
import { tokenSigner } from "./tokens";

/** Where tokens are issued. Whatever URL a key file has, the assertion is sent here alone. */
const TOKEN_URL = "https://oauth2.googleapis.com/token";
/** What key files have had in `token_uri`. */
const GOOGLES = new Set([
  TOKEN_URL,
  "https://accounts.google.com/o/oauth2/token",
  "https://www.googleapis.com/oauth2/v4/token",
]);
const SCOPE = "https://www.googleapis.com/auth/cloud-platform";
const LIFETIME_S = 3_600;

/** The key file of a service account, as Google issues it. Of its other fields nothing is kept. */
export const ServiceAccount = z.object(
  {
    type: z
      .literal("service_account", "Give the key file of a service account: its `type` is `service_account`.")
      .optional(),
    client_email: z
      .string()
      .regex(/^[\w.+-]{1,200}@[\w.-]{1,200}$/, "Give the service account's e-mail address."),
    private_key_id: z
      .string()
      .regex(/^[\w-]{1,200}$/, "Give the id of the private key.")
      .optional(),
    private_key: z
      .string()
      .max(20_000)
      .refine(isRsaKey, "Give the RSA private key as the key file has it (PEM)."),
    token_uri: z
      .string()
      .refine(
        (url) => GOOGLES.has(url),
        `The key is sent to Google only: leave \`token_uri\` at ${TOKEN_URL}.`,
      )
      .optional(),
    universe_domain: z.literal("googleapis.com", "Only the universe `googleapis.com` is served.").optional(),
  },
  "Give the service account's key file, a JSON object, as `credentials.service_account`.",
);
type ServiceAccount = z.output<typeof ServiceAccount>;

/** Signs with an access token of a service account, which its private key is proof for (RFC 7523). */
export function serviceAccountSigner(account: ServiceAccount): Signer {
  const { client_email, private_key } = account;
  return tokenSigner(["service_account", client_email, private_key], () => ({
    url: TOKEN_URL,
    form: { grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion: assertionOf(account) },
  }));
}

/** What of a service account must never appear anywhere. */
export const serviceAccountSecrets = (account: ServiceAccount): readonly string[] => {
  const { client_email, private_key_id, private_key } = account;
  const lines = private_key.split("\n").filter((line) => line !== "" && !line.startsWith("-----"));
  return [private_key, ...lines, client_email, ...(private_key_id === undefined ? [] : [private_key_id])];
};

function assertionOf({ client_email, private_key_id, private_key }: ServiceAccount): string {
  const issuedAt = Math.floor(Date.now() / 1000);
  const header = { alg: "RS256", typ: "JWT", kid: private_key_id };
  const claims = {
    iss: client_email,
    scope: SCOPE,
    aud: TOKEN_URL,
    iat: issuedAt,
    exp: issuedAt + LIFETIME_S,
  };
  const signed = `${encoded(header)}.${encoded(claims)}`;
  return `${signed}.${sign("sha256", Buffer.from(signed), private_key).toString("base64url")}`;
}

const encoded = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");

function isRsaKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyType === "rsa";
  } catch {
    return false;
  }
}
