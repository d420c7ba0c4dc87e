import { isIP } from "node:net";
import { invalidField } from "#lib/http/errors";
import { isAddressAllowed } from "#lib/providers/address";
import { placeholdersIn } from "#lib/providers/presets";
import { withoutTrailingSlashes } from "#lib/providers/trailing-slashes";

/**
 * Normalizes a provider's base URL: without a trailing slash. A host name is checked when Tollgate connects; an
 * IP address is checked here.
 * @throws ServiceError "invalid" about `base_url`
 */
export function checkedBaseUrl(text: string, blockPrivate: boolean): string {
  const placeholders = placeholdersIn(text);
  if (placeholders.length > 0) {
    throw invalidField("base_url", `Replace ${placeholders.join(" and ")} in the base URL by your own.`);
  }
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) {
    throw invalidField("base_url", "The base URL must start with https:// or http://.");
  }
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw invalidField("base_url", "The base URL must not contain a user, a query or a fragment.");
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  if (isIP(host) !== 0 && !isAddressAllowed(host, blockPrivate)) {
    throw invalidField("base_url", "Tollgate does not connect to this address.");
  }
  return withoutTrailingSlashes(url.href);
}
