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
});
