import { ApiError } from "#lib/http/api-error";
import { isJson } from "./read-input";

const SAFE = new Set(["GET", "HEAD"]);

/**
 * Protects sessions against cross-site request forgery: a browser sends the session cookie from any page.
 * A change by a session must therefore have the portal's own `Origin`, which no page can forge, and must not
 * be a request that an HTML form can send.
 * @param portalUrl NEXTAUTH_URL
 * @throws ApiError forbidden
 */
export function rejectCrossSite(request: Request, portalUrl: string | undefined): void {
  if (SAFE.has(request.method)) return;
  if (!isOwnOrigin(request.headers.get("origin"), request.headers.get("host"), portalUrl)) {
    throw new ApiError(
      "forbidden",
      "A change by a session needs the portal's own 'Origin' header. In scripts, send an admin token instead.",
    );
  }
  if (!isJson(request) || (hasBody(request) && request.headers.get("content-type") === null)) {
    throw new ApiError(
      "forbidden",
      "A change by a session must be JSON: send 'content-type: application/json'.",
    );
  }
}

/**
 * Whether the origin is the configured address of the portal or the host of the request, since a portal may
 * have several names. `x-forwarded-host` is not trusted. If the portal uses HTTPS, so must the origin.
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
