import { z } from "zod";

/** Two subjects that PostgreSQL kept as one text would be one account. */
const STORABLE = /^[^\p{Cc}\p{Cs}]+$/u;

/** The verified claims of an issuer about a person (lib/auth/oidc-provider.ts). */
export const OidcClaims = z.object({
  iss: z.string().max(2048).regex(STORABLE),
  sub: z.string().max(255).regex(STORABLE),
  email: z.email().max(254).nullable().catch(null),
  // Amazon Cognito sends a string.
  email_verified: z.union([z.boolean(), z.literal("true").transform(() => true)]).catch(false),
  // An invalid name is dropped rather than rejected.
  name: z
    .string()
    .trim()
    .regex(/^[^\p{Cc}\p{Cs}]{1,80}$/u)
    .nullable()
    .catch(null),
});
export type OidcClaims = z.output<typeof OidcClaims>;
