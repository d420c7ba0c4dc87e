import { secretHash } from "#lib/auth/hashing-secrets";
import { findReset, type PasswordReset } from "#lib/auth/password-reset";
import { type ResetRequest, requestReset } from "#lib/auth/request-reset";
import { controlDb } from "#lib/db/client";
import { clientAddress } from "#lib/http/client-address";
import { portalUrl } from "#lib/services/context";

/** Asks for a link to a new password; see `requestReset`. */
export const askForReset = (email: unknown, requestHeaders: Pick<Headers, "get">): Promise<ResetRequest> =>
  requestReset(controlDb(), email, {
    address: clientAddress(requestHeaders),
    portalUrl: portalUrl(requestHeaders),
    digest: secretHash(),
  });

/** What the page of a link to a new password shows; null for one that does not work. The link is the proof. */
export const readReset = (token: string): Promise<PasswordReset | null> =>
  findReset(controlDb(), secretHash(), token);
