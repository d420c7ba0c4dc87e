import { resolveOidcOrganization } from "#lib/auth/oidc-organization";
import { oidcSettings } from "#lib/auth/oidc-settings";
import type { Config } from "#lib/config/config";
import { StartUpError } from "#lib/config/start-up-error";
import type { Db } from "#lib/db/client";
import { log } from "#lib/observability/log";

/**
 * Finds the organization that new people of single sign-on join, if they may. Only a name of several organizations
 * prevents the start, which happens only where the setting is new. One that is missing or deleted is an error in the log
 * and at the sign-in of new people: the data plane does not depend on it.
 * @throws StartUpError for an ambiguous name
 */
export async function findOidcOrganization(
  db: Db,
  variables: Parameters<typeof oidcSettings>[0] & Partial<Config>,
): Promise<void> {
  const setting = oidcSettings(variables)?.newUsersJoin ?? null;
  if (setting === null) return;
  const organization = await resolveOidcOrganization(db, setting);
  if (organization.found) return;
  if (organization.reason === "ambiguous") {
    throw new StartUpError(
      `OIDC_ORGANIZATION: several organizations are named "${setting}". Set it to the id of one: ${organization.ids.join(", ")}.`,
    );
  }
  log.error({ organization: setting }, UNUSABLE[organization.reason]);
}

const UNUSABLE = {
  missing:
    "new people cannot join by single sign-on: no organization has the name or id in OIDC_ORGANIZATION. Create it, or set the variable to the id of one.",
  deleted:
    "new people cannot join by single sign-on: the organization of OIDC_ORGANIZATION was deleted. Set the variable to the id of another one.",
} as const;
