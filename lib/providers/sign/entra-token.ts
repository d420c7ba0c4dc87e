import { z } from "zod";
import type { Signer } from "./signer";
import { tokenSigner } from "./tokens";

const GUID = /^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/;
const DOMAIN =
  /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?){1,5}$/;

/** An application that is registered in Microsoft Entra ID, with a client secret. */
export const EntraCredentials = z.strictObject({
  tenant_id: z
    .string()
    // It is part of the URL that the secret is sent to.
    .refine((id) => GUID.test(id) || DOMAIN.test(id), "Give the tenant's id (a UUID) or its domain.")
    .describe("The directory (tenant) that the application is registered in."),
  client_id: z.string().regex(GUID, "Give the application's (client) id, a UUID."),
  client_secret: z.string().regex(/^[\x21-\x7e]{1,4000}$/, "Give the client secret's value, without spaces."),
});
type EntraCredentials = z.output<typeof EntraCredentials>;

/** The clouds that have an Entra ID of their own. */
export const ENTRA_CLOUDS = ["public", "us_government", "china"] as const;
export type EntraCloud = (typeof ENTRA_CLOUDS)[number];

/**
 * The only hosts that a client secret is sent to (learn.microsoft.com/entra/identity-platform/authentication-national-cloud),
 * whatever the base URL is.
 */
export const ENTRA_TOKEN_ORIGINS: Readonly<Record<EntraCloud, string>> = {
  public: "https://login.microsoftonline.com",
  us_government: "https://login.microsoftonline.us",
  china: "https://login.partner.microsoftonline.cn",
};

/** Signs with a token of an application for a scope of its cloud, by the client credentials grant. */
export function entraSigner(
  { tenant_id, client_id, client_secret }: EntraCredentials,
  cloud: EntraCloud,
  scope: string,
): Signer {
  return tokenSigner(["entra", tenant_id, client_id, client_secret, scope], () => ({
    url: `${ENTRA_TOKEN_ORIGINS[cloud]}/${tenant_id}/oauth2/v2.0/token`,
    form: { grant_type: "client_credentials", client_id, client_secret, scope },
  }));
}
