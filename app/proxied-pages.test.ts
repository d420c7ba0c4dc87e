import { readdirSync } from "node:fs";
import { dirname } from "node:path";
import { unstable_doesMiddlewareMatch } from "next/experimental/testing/server";
import { NextRequest } from "next/server";
import { expect, test, vi } from "vitest";
import { BARE_PATHS } from "#lib/dialects/paths";
import { PAGE_PATHS } from "#lib/http/page-security";
import { config, proxy } from "../proxy";

const files = readdirSync(import.meta.dirname, { recursive: true, encoding: "utf8" });
const [pages, routes] = ["page.tsx", "route.ts"].map((name) =>
  files.filter((file) => file.endsWith(`/${name}`) || file === name).map(pathOf),
);

/** The path that a file of Next's router serves, with its parameters' names in place of values. */
function pathOf(file: string): string {
  const parts = dirname(file).split("/");
  return `/${parts.filter((part) => part !== "." && !part.startsWith("(")).join("/")}`;
}

const matches = (url: string, headers: Record<string, string> = {}) =>
  unstable_doesMiddlewareMatch({ config, url, headers: { accept: "text/html, */*", ...headers } });

test("gives every page a policy, also one that does not exist", () => {
  expect(pages).toContain("/requests/[id]");
  for (const path of [...(pages ?? []), "/nothing-here", "/healthy"]) expect(matches(path), path).toBe(true);
});

test("leaves out every route handler, whose bodies Next would copy", () => {
  expect(routes).toContain("/chat/completions");
  for (const path of routes ?? []) {
    const isAlias = BARE_PATHS.includes(path);
    expect(matches(path, isAlias ? { "content-type": "application/json" } : {}), path).toBe(false);
    // What lib/http/page-security.ts gives an alias where a server of ours runs, whatever its type.
    expect(matches(path, { "content-security-policy": "default-src 'none'" }), path).toBe(false);
  }
});

test("gives a form that is sent without JavaScript the policy of its page", () => {
  expect(matches("/sign-in", { "content-type": "multipart/form-data; boundary=x" })).toBe(true);
});

test("has the same paths for every server", () => {
  expect(config.matcher.map(({ source }) => source)).toEqual([PAGE_PATHS]);
});

test("gives Next and the browser the same policy where no server of ours does", () => {
  vi.stubEnv("DATABASE_URL", "postgres://tollgate@127.0.0.1/tollgate");
  vi.stubEnv("NEXTAUTH_SECRET", "s".repeat(32));
  vi.stubEnv("ENCRYPTION_KEY", Buffer.alloc(32).toString("base64"));
  vi.stubEnv("NEXTAUTH_URL", "https://tollgate.example.com");
  const response = proxy(new NextRequest("https://tollgate.example.com/keys"));
  const policy = response.headers.get("content-security-policy");
  expect(policy).toMatch(/script-src 'self' 'nonce-[\w+/=]{24}';/);
  expect(response.headers.get("x-middleware-request-content-security-policy")).toBe(policy);
  expect(response.headers.get("strict-transport-security")).toBe("max-age=31536000");
  vi.unstubAllEnvs();
});
