import { request as httpRequest } from "node:http";
import { UNKNOWN_ID } from "#lib/services/testing/context";
import { ADMIN_API_KEY } from "../mounts";
import { expect, test } from "./api-test";

test("answers an unknown path with 404, and another method with 405 and the allowed ones", async ({
  api,
}) => {
  for (const path of ["", "/nothing", "/users/x/y/z", "/organizations/not-an-id", `/users/${UNKNOWN_ID}`]) {
    const { status, code } = await api.adminKey.get(path);
    expect([status, code], path).toEqual([404, "not_found"]);
  }
  for (const method of ["PUT", "DELETE", "OPTIONS"]) {
    const { status, code, headers } = await api.adminKey.send(method, "/admin-tokens");
    expect([status, code, headers.get("allow")], method).toEqual([405, "method_not_allowed", "POST, GET"]);
  }
  const head = await api.adminKey.send("HEAD", "/metrics");
  expect([head.status, head.text]).toEqual([200, ""]);
});

test("names every invalid field", async ({ api }) => {
  const { status, code, param, message } = await api.adminKey.post("/admin-tokens", {
    name: "",
    role: "god",
    nonsense: true,
  });
  expect([status, code, param]).toEqual([400, "invalid_request", "name"]);
  expect(message).toContain("name: Enter a name.");
  expect(message).toContain("role: ");
  expect(message).toContain('Unknown field "nonsense".');
  const query = await api.adminKey.get("/admin-tokens", { query: { limit: 201 } });
  expect([query.status, query.param]).toEqual([400, "limit"]);
  const unknown = await api.adminKey.get("/admin-tokens", { query: { color: "red" } });
  expect([unknown.status, unknown.param]).toEqual([400, "color"]);
});

test("answers a body that is not a JSON object with 400", async ({ api }) => {
  for (const body of ["{", "[]", "null", '"text"', "\u0000"]) {
    const { status, code } = await api.adminKey.post("/admin-tokens", body);
    expect([status, code], body).toEqual([400, "invalid_request"]);
  }
});

test("answers characters that the database cannot store with 400", async ({ api }) => {
  for (const name of ["a\u0000b", "a\ud800b"]) {
    const { status, param } = await api.adminKey.post("/admin-tokens", { name, role: "admin" });
    expect([status, param]).toEqual([400, "name"]);
  }
  const { status } = await api.adminKey.get("/audit-log", { query: { action: "a\u0000" } });
  expect(status).toBe(400);
});

test("limits a body to 1 MiB, also without a content-length", async ({ api, gate }) => {
  const body = JSON.stringify({ name: "x".repeat(1024 * 1024) });
  const { status, code } = await api.adminKey.post("/admin-tokens", body);
  expect([status, code]).toEqual([413, "request_too_large"]);
  expect(await postChunked(`${gate.url}/api/admin/v1/admin-tokens`, body)).toBe(413);
});

test("answers an unknown id like one of another organization", async ({ api }) => {
  const { id } = await api.adminKey.post("/admin-tokens", {
    name: "of b",
    role: "viewer",
    organization_id: api.cast.b.id,
  });
  const foreign = await api.orgAdminToken.delete(`/admin-tokens/${id}`);
  const missing = await api.orgAdminToken.delete(`/admin-tokens/${UNKNOWN_ID}`);
  expect([foreign.status, foreign.message]).toEqual([404, missing.message]);
});

/** Not with `fetch`, which sends the length. */
function postChunked(url: string, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      url,
      {
        method: "POST",
        headers: {
          authorization: `Bearer ${ADMIN_API_KEY}`,
          "content-type": "application/json",
          "transfer-encoding": "chunked",
        },
      },
      (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
        request.destroy();
      },
    );
    request.on("error", (error) => {
      if (!request.destroyed) reject(error);
    });
    for (let at = 0; at < body.length; at += 65_536) request.write(body.slice(at, at + 65_536));
    request.end();
  });
}
