import { z } from "zod";

/** What an issuer says about somebody, once its word has been checked (lib/auth/oidc-provider.ts). */
export const OidcClaims = z.object({
  iss: z.string().min(1).max(2048),
  sub: z.string().min(1).max(255),
  email: z.email().max(254).nullable().catch(null),
  // Amazon Cognito says it in words.
  email_verified: z.union([z.boolean(), z.literal("true").transform(() => true)]).catch(false),
  // As long as names here may be; a longer or odd one is left out rather than refused.
  name: z
    .string()
    .trim()
    .regex(/^[^\p{Cc}\p{Cs}]{1,80}$/u)
    .nullable()
    .catch(null),
});
export type OidcClaims = z.output<typeof OidcClaims>;

/** What `users.oidc_subject` keeps: a subject is unique only with its issuer. */
export const oidcSubject = ({ iss, sub }: Pick<OidcClaims, "iss" | "sub">): string => `${iss} ${sub}`;
