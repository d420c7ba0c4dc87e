import { describe, expect, test } from "vitest";
import { passwordProblem, signInProblem, throttledError } from "./sign-in-problem";

describe("the message for an error in the URL", () => {
  test("is our own text", () => {
    expect(signInProblem("sso-unknown")).toMatch(/do not have an account/);
    expect(signInProblem("OAuthSignin")).toMatch(/unavailable/);
  });

  test.each(["Your account is locked: call +1 900 555 0100", "toString", "__proto__"])(
    "never repeats the URL: %s",
    (error) => expect(signInProblem(error)).toBe("Sign-in failed. Please try again."),
  );

  test("is null without an error", () => {
    for (const error of [undefined, "", ["sso-unknown"]]) expect(signInProblem(error)).toBeNull();
  });
});

describe("the message for a rejected password", () => {
  test.each([
    ["CredentialsSignin", "Wrong e-mail or password."],
    [throttledError(895), "Too many attempts. Try again in 15 minutes."],
    [throttledError(60), "Too many attempts. Try again in 1 minute."],
    [throttledError(61), "Too many attempts. Try again in 2 minutes."],
    ["failed", "Sign-in failed. Please try again."],
    [null, "Sign-in failed. Please try again."],
  ])("%s: %s", (error, words) => expect(passwordProblem(error)).toBe(words));
});
