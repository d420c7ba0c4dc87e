/** Carries an invite's token to the issuer and back, for the few minutes that this takes. */
export const INVITE_COOKIE = "tollgate-invite";
export const INVITE_COOKIE_PATH = "/api/auth";
export const INVITE_COOKIE_S = 10 * 60;
