"use server";

import { cookies } from "next/headers";
import { INVITE_COOKIE, INVITE_COOKIE_PATH, INVITE_COOKIE_S } from "#lib/auth/invite-cookie";
import { isPlausibleLinkToken } from "#lib/auth/link-token";
import { config } from "#lib/config/config";

/** Keeps the invite for the way to the issuer and back, whose sign-in then accepts it. */
export async function rememberInviteAction(token: unknown): Promise<void> {
  if (typeof token !== "string" || !isPlausibleLinkToken(token)) return;
  const { NEXTAUTH_URL } = config();
  (await cookies()).set(INVITE_COOKIE, token, {
    path: INVITE_COOKIE_PATH,
    maxAge: INVITE_COOKIE_S,
    httpOnly: true,
    sameSite: "lax",
    secure: NEXTAUTH_URL === undefined || NEXTAUTH_URL.startsWith("https:"),
  });
}
