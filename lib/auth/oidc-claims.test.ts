import { describe, expect, test } from "vitest";
import { OidcClaims, oidcSubject } from "./oidc-claims";

const GIVEN = { iss: "https://login.example.com", sub: "7" };

describe("an issuer's claims", () => {
  test("need nothing but who says it of whom", () => {
    expect(OidcClaims.parse(GIVEN)).toEqual({ ...GIVEN, email: null, email_verified: false, name: null });
    expect(OidcClaims.safeParse({ iss: GIVEN.iss }).success).toBe(false);
    expect(OidcClaims.safeParse({ sub: GIVEN.sub }).success).toBe(false);
  });

  test("lose what cannot be used, and everything that nobody asked for", () => {
    const odd = { ...GIVEN, email: "nobody", name: "a\u0000b", email_verified: "perhaps", groups: ["admin"] };
    expect(OidcClaims.parse(odd)).toEqual({ ...GIVEN, email: null, email_verified: false, name: null });
  });

  test("make one subject of issuer and subject", () => {
    expect(oidcSubject(GIVEN)).toBe("https://login.example.com 7");
  });
});
