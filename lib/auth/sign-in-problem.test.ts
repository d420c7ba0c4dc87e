import { describe, expect, test } from "vitest";
import { passwordProblem, signInProblem, throttledError } from "./sign-in-problem";

describe("what went wrong on the way to the sign-in page", () => {
  test("is said in our words", () => {
    expect(signInProblem("sso-unknown")).toMatch(/no account here/);
    expect(signInProblem("OAuthSignin")).toMatch(/cannot be reached/);
  });

  test.each(["Your account is locked: call +1 900 555 0100", "toString", "__proto__"])(
    "is never what stands in the address: %s",
    (error) => expect(signInProblem(error)).toBe("Signing in did not work. Please try again."),
  );

  test("is nothing where nothing is said", () => {
    for (const error of [undefined, "", ["sso-unknown"]]) expect(signInProblem(error)).toBeNull();
  });
});

describe("a password that did not let in", () => {
  test.each([
    ["CredentialsSignin", "This e-mail and password do not belong together."],
    [throttledError(895), "Too many attempts. Try again in 15 minutes."],
    [throttledError(60), "Too many attempts. Try again in 1 minute."],
    [throttledError(61), "Too many attempts. Try again in 2 minutes."],
    ["failed", "Signing in did not work. Please try again."],
    [null, "Signing in did not work. Please try again."],
  ])("%s: %s", (error, words) => expect(passwordProblem(error)).toBe(words));
});
