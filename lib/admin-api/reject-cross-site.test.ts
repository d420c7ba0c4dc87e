import { describe, expect, test } from "vitest";
import { rejectCrossSite } from "./reject-cross-site";

const PORTAL = "https://tollgate.example.com";
const json = { "content-type": "application/json", "content-length": "2" };

const request = (method: string, headers: Record<string, string>) =>
  new Request(`${PORTAL}/api/admin/v1/users`, { method, headers });

const allowed = (method: string, headers: Record<string, string>, portalUrl?: string) => {
  rejectCrossSite(request(method, headers), portalUrl);
  return true;
};
const rejected = expect.objectContaining({ code: "forbidden", status: 403 });

describe("a change by a session", () => {
  test("is allowed from a page of the portal", () => {
    const headers = { ...json, origin: PORTAL, host: "10.0.0.5:3000" };
    expect(allowed("POST", headers, PORTAL)).toBe(true);
    expect(allowed("POST", headers, `${PORTAL}/some/path`)).toBe(true);
  });

  test("is allowed when the page has the request's host, whatever the configured address", () => {
    const here = { ...json, origin: "http://192.168.1.5:3000", host: "192.168.1.5:3000" };
    expect(allowed("PATCH", here, "http://localhost:3000")).toBe(true);
    expect(allowed("PATCH", here)).toBe(true);
    const preview = { ...json, origin: "https://preview.vercel.app", host: "preview.vercel.app" };
    expect(allowed("PATCH", preview, PORTAL)).toBe(true);
  });

  test("is allowed without a body", () => {
    expect(allowed("DELETE", { origin: PORTAL, host: "tollgate.example.com" }, PORTAL)).toBe(true);
  });

  test.each<[string, Record<string, string>]>([
    ["no origin", {}],
    ["a hidden origin", { origin: "null" }],
    ["an invalid origin", { origin: "tollgate.example.com" }],
    ["another host", { origin: "https://evil.example" }],
    ["a host with the same beginning", { origin: "https://tollgate.example.com.evil.example" }],
    ["a sibling host", { origin: "https://other.example.com" }],
    ["another port", { origin: "https://tollgate.example.com:8443" }],
    ["the same host without TLS", { origin: "http://tollgate.example.com" }],
    [
      "a host that only a header names",
      { origin: "https://evil.example", "x-forwarded-host": "evil.example" },
    ],
  ])("is rejected with %s", (_what, headers) => {
    const all = { ...json, host: "tollgate.example.com", ...headers };
    for (const method of ["POST", "PATCH", "DELETE", "PUT"]) {
      expect(() => allowed(method, all, PORTAL)).toThrow(rejected);
    }
  });

  test.each<[string, Record<string, string>]>([
    ["text", { "content-type": "text/plain", "content-length": "2" }],
    ["a form", { "content-type": "application/x-www-form-urlencoded", "content-length": "0" }],
    ["an undeclared body", { "content-length": "2" }],
    ["an undeclared body of unknown length", { "transfer-encoding": "chunked" }],
    [
      "a type that only resembles JSON",
      { "content-type": "text/plain; application/json", "content-length": "2" },
    ],
  ])("is rejected with %s as its body, as any form can send it", (_what, headers) => {
    const from = { origin: PORTAL, host: "tollgate.example.com", ...headers };
    expect(() => allowed("POST", from, PORTAL)).toThrow(rejected);
  });

  test("is not a GET or HEAD, which any page may send", () => {
    expect(allowed("GET", {}, PORTAL)).toBe(true);
    expect(allowed("HEAD", { origin: "https://evil.example" }, PORTAL)).toBe(true);
  });
});
