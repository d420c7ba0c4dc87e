import { z } from "zod";

/** The verified claims of an issuer about a person (lib/auth/oidc-provider.ts). */
export const OidcClaims = z.object({
  iss: z.string().min(1).max(2048),
  sub: z.string().min(1).max(255),
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
