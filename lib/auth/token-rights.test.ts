import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Role } from "./actor";
import { rightsBoundBy } from "./token-rights";

type Rights = { role: Role; organizationId: string | null };
const admin: Rights = { role: "admin", organizationId: null };
const of = (role: Role, organizationId: string | null = "a"): Rights => ({ role, organizationId });

describe("the rights of a token", () => {
  test.each<[string, Rights, Rights, Rights | null]>([
    ["of an administrator are its own", admin, admin, admin],
    ["of an administrator are its own in an organization", admin, of("viewer"), of("viewer")],
    ["shrink to the organization of a former administrator", of("org_admin"), admin, of("org_admin")],
    ["shrink to reading with a viewer", of("viewer"), of("org_admin"), of("viewer")],
    ["shrink to reading with a former administrator", of("viewer"), admin, of("viewer")],
    ["do not grow with the maker's", of("org_admin"), of("viewer"), of("viewer")],
    ["to read an organization end with a member, who may not", of("member"), of("viewer"), of("member")],
    ["to change an organization end with a member", of("member"), of("org_admin"), of("member")],
    ["end when the maker moves", of("org_admin", "b"), of("org_admin"), null],
    ["end with the maker's organization", of("org_admin", null), admin, null],
  ])("%s", (_what, maker, token, rights) => {
    expect(rightsBoundBy(maker, token)).toEqual(rights);
  });

  test("are never more than the maker's, nor than its own", () => {
    // What each role may do, as sets: a viewer reads the organization, a member has what is theirs.
    const may: Record<Role, string[]> = {
      admin: ["everything", "change", "read", "own"],
      org_admin: ["change", "read", "own"],
      viewer: ["read", "own"],
      member: ["own"],
    };
    const rights = fc.record({
      role: fc.constantFrom<Role>("admin", "org_admin", "viewer", "member"),
      organizationId: fc.constantFrom("a", "b", null),
    });
    fc.assert(
      fc.property(rights, rights, (maker, token) => {
        const left = rightsBoundBy(maker, token);
        if (left === null) return;
        for (const bound of [maker, token]) {
          expect(may[bound.role]).toEqual(expect.arrayContaining(may[left.role]));
          // An administrator is not restricted to an organization.
          if (bound.role !== "admin") expect(left.organizationId).toBe(bound.organizationId);
        }
      }),
    );
  });
});
