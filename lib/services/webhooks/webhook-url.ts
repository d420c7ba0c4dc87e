import { isIP } from "node:net";
import { invalidField } from "#lib/http/errors";
import { isAddressAllowed } from "#lib/providers/address";

/**
 * Checks a webhook's URL. The address of a host name is judged at each delivery; an IP address is judged here, too.
 * @throws ServiceError "invalid" about `url`
 */
export function checkedWebhookUrl(text: string, allowPrivate: boolean): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const protocols = allowPrivate ? ["https:", "http:"] : ["https:"];
  if (url === null || !protocols.includes(url.protocol)) {
    throw invalidField(
      "url",
      `The URL must start with ${allowPrivate ? "https:// or http://" : "https://"}.`,
    );
  }
  if (url.username !== "" || url.password !== "" || url.hash !== "") {
    throw invalidField("url", "The URL must not contain a user or a fragment.");
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const isLocal = !allowPrivate && (host === "localhost" || host.endsWith(".localhost"));
  if (isLocal || (isIP(host) !== 0 && !isAddressAllowed(host, !allowPrivate))) {
    throw invalidField("url", "Tollgate does not send webhooks to this address.");
  }
  return url.href;
}
