import type { Caller, Credentials } from "#lib/auth/caller";
import type { GatewayRequest } from "#lib/gateway/ports/exchange";
import type { Gateway } from "#lib/gateway/ports/gateway";
import { callerInfoOf } from "#lib/gateway/rejections/caller-info";
import { callerRejected } from "#lib/gateway/rejections/caller-rejections";
import { rejected } from "#lib/gateway/rejections/rejected";
import { ApiError } from "#lib/http/api-error";
import type { Arrival } from "./arrival";

/**
 * Reads the caller's credentials from the headers (contract: Data plane).
 * @throws ApiError invalid_api_key if there are none
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
    "No API key was given. Send it as 'Authorization: Bearer <key>', as the SDKs do with api_key.",
  );
}

/**
 * Finds the caller and whether it may send requests from where it is, before the body is read. With `fresh`,
 * asks the database even if the caller is cached.
 * @throws Rejected 401 or 403
 */
export async function authenticate(
  gateway: Gateway,
  presented: Pick<Arrival, "credentials" | "origin">,
  options: { fresh: boolean } = { fresh: false },
): Promise<Caller> {
  const { credentials, origin } = presented;
  const finding = await gateway.callers.find(credentials, options);
  if (!finding.found) {
    throw rejected(callerRejected(finding.reason), { callerInfo: callerInfoOf(credentials, finding) });
  }
  const { caller } = finding;
  if (caller.allowedIps === null) return caller;
  const address = gateway.clientAddress(origin);
  if (address !== null && caller.allowedIps.has(address)) return caller;
  // The cached addresses may be out of date.
  if (!options.fresh) return authenticate(gateway, presented, { fresh: true });
  const error = new ApiError(
    "ip_not_allowed",
    `Your key may not be used from ${address ?? "an unknown address"}. Ask your administrator to allow it.`,
  );
  throw rejected(error, { callerInfo: callerInfoOf(credentials, finding) });
}
