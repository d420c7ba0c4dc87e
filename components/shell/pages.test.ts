import { describe, expect, test } from "vitest";
import type { Role } from "#lib/auth/actor";
import { pagesFor } from "./pages";

const labels = (role: Role, organizationId: string | null = "o1") =>
  pagesFor({ role, userId: "u1", organizationId }).flatMap(({ pages }) => pages.map(({ label }) => label));

describe("the navigation", () => {
  test("shows every page to administrators", () => {
    expect(labels("admin", null)).toEqual([
      "Overview",
      "Usage",
      "Requests",
      "Rejections",
      "Notices",
      "Organizations",
      "Users",
      "Payments",
      "API keys",
      "Apps",
      "Providers",
      "Models",
      "Admin tokens",
      "Webhooks",
      "Audit log",
    ]);
  });

  test("links an organization admin to their one organization", () => {
    expect(labels("org_admin")).toContain("Organization");
    expect(labels("org_admin")).not.toContain("Organizations");
    const links = pagesFor({ role: "org_admin", userId: "u1", organizationId: "o1" }).flatMap(
      ({ pages }) => pages,
    );
    expect(links.find(({ label }) => label === "Organization")?.href).toBe("/organizations/o1");
  });

  test("hides administrative pages from viewers", () => {
    expect(labels("viewer")).toEqual([
      "Overview",
      "Usage",
      "Requests",
      "Rejections",
      "Notices",
      "Models",
      "Organization",
      "Users",
      "Payments",
      "API keys",
      "Apps",
    ]);
  });

  test("shows members their own pages", () => {
    expect(labels("member")).toEqual([
      "Overview",
      "Usage",
      "Requests",
      "Rejections",
      "Notices",
      "API keys",
      "My account",
      "Models",
    ]);
  });
});
