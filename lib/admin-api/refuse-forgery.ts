import { ApiError } from "#lib/http/api-error";
import { isJson } from "./read-input";

const SAFE = new Set(["GET", "HEAD"]);

/**
 * Browsers send the session's cookie along whoever made the page. So with a session, what changes
 * something must come from a page of ours, which the `Origin` header tells and no page can forge, and must
 * not be what a form can send.
 * @param portalUrl NEXTAUTH_URL, the address behind which people know the portal
 * @throws ApiError forbidden
 */
export function refuseForgery(request: Request, portalUrl: string | undefined): void {
  if (SAFE.has(request.method)) return;
  if (!isOwnOrigin(request.headers.get("origin"), request.headers.get("host"), portalUrl)) {
    throw new ApiError(
      "forbidden",
      "With a session, changes need an 'Origin' header of the portal's own; scripts send an admin token instead.",
    );
  }
  if (!isJson(request) || (hasBody(request) && request.headers.get("content-type") === null)) {
    throw new ApiError("forbidden", "With a session, send JSON: 'content-type: application/json'.");
  }
}

/**
 * The portal's address by setting, or the very host that was asked: several names may lead to one portal,
 * and a browser tells another host's page by another `Origin`. What a proxy adds (`x-forwarded-host`) is
 * not believed. Where the portal is on HTTPS, a page of the same host without it is not ours.
 */
function isOwnOrigin(origin: string | null, host: string | null, portalUrl: string | undefined): boolean {
  if (origin === null || !URL.canParse(origin)) return false;
  const from = new URL(origin);
  const portal = portalUrl === undefined ? null : new URL(portalUrl);
  if (portal !== null && from.origin === portal.origin) return true;
  return from.host === host && (from.protocol === "https:" || portal?.protocol !== "https:");
}

const hasBody = ({ headers }: Request): boolean =>
  headers.has("transfer-encoding") || Number(headers.get("content-length") ?? "0") > 0;
