import { describe, expect, test } from "vitest";
import { OidcClaims } from "./oidc-claims";

const GIVEN = { iss: "https://login.example.com", sub: "7" };

describe("an issuer's claims", () => {
  test("need only an issuer and a subject", () => {
    expect(OidcClaims.parse(GIVEN)).toEqual({ ...GIVEN, email: null, email_verified: false, name: null });
    expect(OidcClaims.safeParse({ iss: GIVEN.iss }).success).toBe(false);
    expect(OidcClaims.safeParse({ sub: GIVEN.sub }).success).toBe(false);
  });

  test("drop invalid and unknown fields", () => {
    const odd = {
      ...GIVEN,
      email: "not an address",
      name: "a\u0000b",
      email_verified: "perhaps",
      groups: ["admin"],
    };
    expect(OidcClaims.parse(odd)).toEqual({ ...GIVEN, email: null, email_verified: false, name: null });
  });

  test.each([
    ["U+0000", "7\0"],
    ["an unpaired surrogate", "7\ud800"],
    ["nothing", ""],
    ["256 characters", "7".repeat(256)],
  ])("name no one by a subject of %s", (_what, sub) => {
    expect(OidcClaims.safeParse({ ...GIVEN, sub }).success).toBe(false);
  });

  test.each(["a\0@example.com", "\ud800@example.com", `${"a".repeat(250)}@example.com`, 7, null])(
    "drop the e-mail address %j",
    (email) => {
      expect(OidcClaims.parse({ ...GIVEN, email, email_verified: true }).email).toBeNull();
    },
  );
});
