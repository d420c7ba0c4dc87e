import type { Caller, CallerRefusal, Credentials } from "#lib/auth/caller";
import type { GatewayRequest } from "#lib/gateway/ports/exchange";
import type { Gateway } from "#lib/gateway/ports/gateway";
import { type Asker, noteAsker } from "#lib/gateway/rejections/caller-info";
import { ApiError } from "#lib/http/api-error";
import type { Origin } from "#lib/http/client-address";

/**
 * Takes the caller's credentials from the headers (contract: Data plane).
 * @throws ApiError invalid_api_key when there are none
 */
export function readCredentials({ header }: Pick<GatewayRequest, "header">): Credentials {
  const bearer = /^Bearer +(\S+)$/i.exec(header("authorization") ?? "")?.[1];
  const key = bearer ?? header("x-api-key") ?? header("apikey");
  if (key) return { kind: "key", key };
  const secret = header("x-gateway-secret");
  const appId = header("x-app-id");
  if (secret && appId) return { kind: "app", secret, appId, userOid: header("x-user-oid") };
  throw new ApiError(
    "invalid_api_key",
    "No API key was given. Send it as 'Authorization: Bearer <key>'; the SDKs' api_key does.",
  );
}

/** What a caller proves itself with, where it is, and what to note down who it is on. */
type Presented = { credentials: Credentials; origin: Origin; asker: Asker };

/**
 * Finds out who sends the request and whether it may from there, before its body is read. With `fresh`
 * the database is asked even where the caller is known from a moment ago.
 * @throws ApiError 401 or 403
 */
export async function authenticate(
  gateway: Gateway,
  presented: Presented,
  options: { fresh: boolean } = { fresh: false },
): Promise<Caller> {
  const finding = await gateway.callers.find(presented.credentials, options);
  noteAsker(presented.asker, presented.credentials, finding);
  if (!finding.found) throw callerRefused(finding.reason);
  const { caller } = finding;
  if (caller.allowedIps === null) return caller;
  const address = gateway.clientAddress(presented.origin);
  if (address !== null && caller.allowedIps.has(address)) return caller;
  // A refusal from memory may be out of date.
  if (!options.fresh) return authenticate(gateway, presented, { fresh: true });
  throw new ApiError(
    "ip_not_allowed",
    `Your key may not be used from ${address ?? "an address that cannot be told"}. Ask your administrator to allow it.`,
  );
}

const CALLER_REFUSALS: ReadonlySet<string> = new Set<CallerRefusal>([
  "invalid_api_key",
  "organization_suspended",
  "payment_expired",
]);

/** Whether an error says that the caller is none (any more). */
export function isCallerRefusal(error: unknown): boolean {
  return error instanceof ApiError && CALLER_REFUSALS.has(error.code);
}

/** The same refusal whether the caller was read or the hold found it out. */
export function callerRefused(reason: CallerRefusal): ApiError {
  switch (reason) {
    case "invalid_api_key":
      return new ApiError(
        "invalid_api_key",
        "The API key is not valid: it is unknown, revoked or expired. Ask your administrator for a new one.",
      );
    case "organization_suspended":
      return new ApiError(
        "organization_suspended",
        "Your organization is suspended. Ask your administrator.",
      );
    case "payment_expired":
      return new ApiError(
        "payment_expired",
        "Your payment has expired. Ask your administrator to extend it.",
      );
  }
}
