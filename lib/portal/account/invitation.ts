import { secretHash } from "#lib/auth/hashing-secrets";
import { findInvite, type Invitation } from "#lib/auth/invite";
import { controlDb } from "#lib/db/client";

/** What the page of an invite shows; null for a link that does not work. There is no actor: the link is the proof. */
export const readInvitation = (token: string): Promise<Invitation | null> =>
  findInvite(controlDb(), secretHash(), token);
