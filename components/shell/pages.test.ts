import { describe, expect, test } from "vitest";
import type { Role } from "#lib/auth/actor";
import { pagesFor } from "./pages";

const labels = (role: Role, organizationId: string | null = "o1") =>
  pagesFor({ role, userId: "u1", organizationId }).flatMap(({ pages }) => pages.map(({ label }) => label));

describe("the navigation", () => {
  test("offers administrators everything", () => {
    expect(labels("admin", null)).toEqual([
      "Overview",
      "Requests",
      "Rejections",
      "Organizations",
      "Users",
      "Keys",
      "Apps",
      "Admin tokens",
      "Audit log",
    ]);
  });

  test("leads an organization's admin to the one organization", () => {
    expect(labels("org_admin")).toContain("Organization");
    expect(labels("org_admin")).not.toContain("Organizations");
    const links = pagesFor({ role: "org_admin", userId: "u1", organizationId: "o1" }).flatMap(
      ({ pages }) => pages,
    );
    expect(links.find(({ label }) => label === "Organization")?.href).toBe("/organizations/o1");
  });

  test("offers a viewer nothing that only administrators may read", () => {
    expect(labels("viewer")).toEqual([
      "Overview",
      "Requests",
      "Rejections",
      "Organization",
      "Users",
      "Keys",
      "Apps",
    ]);
  });

  test("offers a member what is their own", () => {
    expect(labels("member")).toEqual(["Overview", "Requests", "Rejections", "Keys", "My account"]);
  });
});
