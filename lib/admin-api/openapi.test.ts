import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { DIALECTS } from "#lib/dialects/registry";
import { type ActorContext, verb } from "#lib/services/verb";
import { openApiDocument } from "./openapi";
import { operation } from "./operation";
import { operations } from "./operations";

const Document = z.looseObject({
  openapi: z.string(),
  paths: z.record(z.string(), z.record(z.string(), z.looseObject({ operationId: z.string() }))),
  components: z.looseObject({ schemas: z.record(z.string(), z.looseObject({})) }),
});
const documentOf = (list = operations) => Document.parse(JSON.parse(JSON.stringify(openApiDocument(list))));

/** The Admin API of contract.md. */
const CONTRACT = `
  POST|GET /organizations
  GET|PATCH|DELETE /organizations/{id}
  POST /organizations/{id}/suspend
  POST /organizations/{id}/resume
  GET /organizations/{id}/usage
  GET /organizations/{id}/users
  POST|GET /users
  GET|PATCH|DELETE /users/{id}
  GET /users/{id}/usage
  POST /users/{id}/reset-usage
  POST /users/{id}/sync-expiry
  POST /users/bulk
  POST /users/import
  POST /users/sync-expiry
  POST|GET /api-keys
  GET|PATCH|DELETE /api-keys/{id}
  GET /api-keys/{id}/usage
  POST /api-keys/{id}/revoke
  POST /api-keys/{id}/rotate
  POST|GET /apps
  GET|PATCH|DELETE /apps/{id}
  GET /apps/{id}/usage
  POST /apps/{id}/rotate
  POST|GET /admin-tokens
  DELETE /admin-tokens/{id}
  POST|GET /providers
  GET|PATCH|DELETE /providers/{id}
  POST /providers/{id}/test
  POST|GET /models
  GET|PATCH|DELETE /models/{id}
  GET /models/{id}/prices
  GET /rejections
  GET /refusals
  GET /budget-events
  GET /notices
  POST /notices/{id}/read
  POST|GET /webhooks
  PATCH|DELETE /webhooks/{id}
  POST /webhooks/{id}/rotate
  POST /webhooks/{id}/test
  GET /webhooks/{id}/deliveries
  POST /webhooks/deliveries/{id}/replay
  GET /reconciliation
  GET /requests
  GET /requests/{id}
  GET /usage
  POST /adjustments
  GET /audit-log
  GET /metrics
  POST /prices/import`;
const promised = CONTRACT.trim()
  .split("\n")
  .flatMap((line) => {
    const [methods = "", path = ""] = line.trim().split(" ");
    return methods.split("|").map((method) => `${method} ${path}`);
  });

describe("the table of operations", () => {
  test("has every operation of the contract", () => {
    const served = new Set(operations.map(({ method, path }) => `${method} ${path}`));
    expect(promised.filter((each) => !served.has(each))).toEqual([]);
  });

  test("has no duplicates", () => {
    const served = operations.map(({ method, path }) => `${method} ${path}`);
    expect(served.filter((each, at) => served.indexOf(each) !== at)).toEqual([]);
  });

  test("takes an Idempotency-Key wherever it answers 201", () => {
    const creates = operations.filter(({ status }) => status === 201);
    expect(creates.filter(({ idempotent }) => !idempotent).map(({ path }) => path)).toEqual([]);
  });

  test("has every path parameter in its input, and an output unless it answers 204", () => {
    for (const { method, path, input, status, output } of operations) {
      const fields = input instanceof z.ZodObject ? Object.keys(input.shape) : [];
      for (const [, name] of path.matchAll(/\{(\w+)\}/g)) expect(fields, `${method} ${path}`).toContain(name);
      expect(output === undefined, `${method} ${path}`).toBe(status === 204);
    }
  });
});

describe("the OpenAPI document", () => {
  test("is valid OpenAPI 3.1", async () => {
    const result = await new Validator().validate(JSON.parse(JSON.stringify(openApiDocument(operations))));
    expect(result.errors ?? []).toEqual([]);
    expect(result.valid).toBe(true);
    expect(documentOf().openapi).toBe("3.1.0");
  });

  test("describes every operation once, under a unique name", () => {
    const { paths } = documentOf();
    for (const { method, path } of operations) {
      expect(paths[`/api/admin/v1${path}`]?.[method.toLowerCase()], `${method} ${path}`).toBeDefined();
    }
    const names = Object.values(paths).flatMap((item) => Object.values(item).map((each) => each.operationId));
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  });

  test("marks GET /refusals as a deprecated alias of GET /rejections", () => {
    const { paths } = documentOf();
    const current = paths["/api/admin/v1/rejections"]?.get;
    expect(current).not.toHaveProperty("deprecated");
    expect(paths["/api/admin/v1/refusals"]?.get).toMatchObject({
      deprecated: true,
      description: "The same as `GET /rejections`, which replaces it.",
      parameters: current?.parameters,
    });
  });

  test("has the data plane, briefly", () => {
    expect(Object.keys(documentOf().paths)).toEqual(
      expect.arrayContaining(["/v1/chat/completions", "/v1/models", "/v1/models/{id}"]),
    );
  });

  test("splits an input into path, query, header and body", () => {
    const input = z.strictObject({ id: z.uuid(), name: z.string(), limit: z.int().default(5) });
    const things = verb({
      role: "viewer",
      input,
      output: z.object({}),
      run: async (_ctx: ActorContext) => ({}),
    });
    const { paths } = documentOf([
      operation("GET /things/{id}", things, { tag: "Things", summary: "Read a thing" }),
      operation("POST /things/{id}", things, {
        tag: "Things",
        summary: "Create the thing",
        idempotent: true,
      }),
    ]);
    const described = paths["/api/admin/v1/things/{id}"];
    expect(described?.get).toMatchObject({
      operationId: "readThing",
      parameters: [
        { in: "path", name: "id", required: true },
        { in: "query", name: "name", required: true },
        { in: "query", name: "limit" },
      ],
    });
    expect(described?.get).not.toHaveProperty("requestBody");
    expect(described?.post).toMatchObject({
      operationId: "createThing",
      parameters: [
        { in: "path", name: "id" },
        { in: "header", name: "Idempotency-Key" },
      ],
      requestBody: {
        required: true,
        content: {
          "application/json": {
            schema: {
              required: ["name"],
              additionalProperties: false,
              properties: { name: { type: "string" } },
            },
          },
        },
      },
      responses: { "200": {}, "4XX": {}, "5XX": {} },
    });
  });

  test("has no hashes, and secrets only where they are shown once or sent in", () => {
    const names = Object.entries(documentOf().components.schemas).flatMap(([schema, { properties = {} }]) =>
      Object.keys(Object(properties)).map((property) => `${schema}.${property}`),
    );
    expect(names.filter((name) => /hash/i.test(name))).toEqual([]);
    const secrets = names.filter((name) => /\.(key|secret|token|password|credentials)$/.test(name));
    expect(secrets.filter((name) => !/^(Created|Rotated|New)/.test(name))).toEqual([]);
  });
});

test("the document describes every endpoint of the data plane", () => {
  const { paths } = documentOf();
  for (const { endpoint } of DIALECTS) expect(Object.keys(paths)).toContain(`/v1/${endpoint}`);
});
