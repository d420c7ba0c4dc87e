/** Why a person with a valid single sign-on may not sign in. */
export type SsoRejection =
  | "sso-email-not-verified"
  | "sso-unknown"
  | "sso-linked"
  | "sso-not-set-up"
  | "sso-failed";

/** Why an invite could not be accepted. */
export type InviteRejection =
  | "invite-invalid"
  | "invite-password"
  | "invite-unconfirmed"
  | "invite-already-member";

/** Why a link to a new password could not be used. */
export type ResetRejection = "reset-invalid" | "reset-password";

const CHOOSE_PASSWORD = "Choose a password of 8 to 1024 characters.";
const SSO_FAILED = "Single sign-on failed. Please try again.";
const UNKNOWN = "Sign-in failed. Please try again.";

/** The message by code. Codes in capitals are those of next-auth. */
const MESSAGES: Readonly<Record<string, string>> = {
  "sso-email-not-verified":
    "Your e-mail address is not verified with your single sign-on provider. Verify it there, then try again.",
  "sso-unknown": "You do not have an account yet. Ask your administrator to create one.",
  "sso-linked":
    "The account with your e-mail address is linked to another single sign-on user. Contact your administrator.",
  "sso-not-set-up": "New users cannot join at the moment. Contact your administrator.",
  "sso-failed": SSO_FAILED,
  "invite-invalid": "This invite has expired or was already used. Ask your administrator for a new one.",
  "invite-password": CHOOSE_PASSWORD,
  "invite-unconfirmed":
    "Your account’s e-mail address is not confirmed, so it cannot join another organization. Set a password for this one instead.",
  "invite-already-member": "Your account is already a member of this organization.",
  "reset-invalid": "This link has expired or was already used. Ask for a new one.",
  "reset-password": CHOOSE_PASSWORD,
  OAuthSignin: "Single sign-on is unavailable. Please try again, or use your password.",
  OAuthCallback: SSO_FAILED,
  Callback: SSO_FAILED,
} satisfies Record<SsoRejection | InviteRejection | ResetRejection, string> & Record<string, string>;

/** The message for the `error` in the sign-in page's URL. Never shows text from the URL. Null without an error. */
export function signInProblem(error: string | string[] | undefined): string | null {
  if (typeof error !== "string" || error === "") return null;
  return Object.hasOwn(MESSAGES, error) ? (MESSAGES[error] ?? UNKNOWN) : UNKNOWN;
}

/** The `error` of a throttled sign-in, instead of next-auth's own. */
export const throttledError = (retryAfterS: number): string => `throttled-${retryAfterS}`;

/** The sign-in form's message for an error of next-auth. */
export function passwordProblem(error: string | null | undefined): string {
  if (error === "CredentialsSignin") return "Wrong e-mail or password.";
  if (error?.startsWith("invite-") || error?.startsWith("reset-")) return signInProblem(error) ?? UNKNOWN;
  const [, seconds] = /^throttled-(\d+)$/.exec(error ?? "") ?? [];
  return seconds === undefined ? UNKNOWN : tooManyAttempts(Number(seconds));
}

/** The message of a throttle. */
export function tooManyAttempts(retryAfterS: number): string {
  const minutes = Math.ceil(retryAfterS / 60);
  return `Too many attempts. Try again in ${minutes} ${minutes === 1 ? "minute" : "minutes"}.`;
}
