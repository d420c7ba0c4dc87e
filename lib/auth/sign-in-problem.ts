/** Why whoever an issuer vouches for is not let in. */
export type SsoRefusal =
  | "sso-email-not-verified"
  | "sso-unknown"
  | "sso-linked"
  | "sso-not-set-up"
  | "sso-failed";

const SSO_FAILED = "Single sign-on did not work. Please try again.";
const UNKNOWN = "Signing in did not work. Please try again.";

/** What to say of each; those of next-auth itself are in its own spelling. */
const WORDS: Readonly<Record<string, string>> = {
  "sso-email-not-verified":
    "Single sign-on has not verified your e-mail address. Have it verified there, then try again.",
  "sso-unknown": "You have no account here yet. Ask your administrator for one.",
  "sso-linked":
    "The account with your e-mail address belongs to another person's single sign-on. Ask your administrator.",
  "sso-not-set-up": "New people cannot join at the moment. Ask your administrator.",
  "sso-failed": SSO_FAILED,
  OAuthSignin: "Single sign-on cannot be reached at the moment. Please try again, or use your password.",
  OAuthCallback: SSO_FAILED,
  Callback: SSO_FAILED,
} satisfies Record<SsoRefusal, string> & Record<string, string>;

/** The sign-in page's words for the `error` in its address, whose own text is never shown; null for none. */
export function signInProblem(error: string | string[] | undefined): string | null {
  if (typeof error !== "string" || error === "") return null;
  return Object.hasOwn(WORDS, error) ? (WORDS[error] ?? UNKNOWN) : UNKNOWN;
}

/** What a throttled sign-in answers as its `error`, in the place of next-auth's own words. */
export const throttledError = (retryAfterS: number): string => `throttled-${retryAfterS}`;

/** What the sign-in form says of next-auth's answer to an e-mail address and a password. */
export function passwordProblem(error: string | null | undefined): string {
  if (error === "CredentialsSignin") return "This e-mail and password do not belong together.";
  const [, seconds] = /^throttled-(\d+)$/.exec(error ?? "") ?? [];
  if (seconds === undefined) return UNKNOWN;
  const minutes = Math.ceil(Number(seconds) / 60);
  return `Too many attempts. Try again in ${minutes} ${minutes === 1 ? "minute" : "minutes"}.`;
}
