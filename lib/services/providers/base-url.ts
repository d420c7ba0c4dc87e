import { isIP } from "node:net";
import { invalidField } from "#lib/http/errors";
import { isAddressAllowed } from "#lib/providers/address";

/**
 * A provider's base URL as it is kept: no trailing slash. What a name resolves to is judged when a
 * connection is made; an address that is no use is told here already.
 * @throws ServiceError "invalid" about `base_url`
 */
export function checkedBaseUrl(text: string, blockPrivate: boolean): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) {
    throw invalidField("base_url", "Give a URL that begins with https:// (or http://).");
  }
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw invalidField("base_url", "Give the URL without a user, a query or a fragment.");
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  if (isIP(host) !== 0 && !isAddressAllowed(host, blockPrivate)) {
    throw invalidField("base_url", "Tollgate does not connect to this address.");
  }
  return url.href.replace(/\/+$/, "");
}
