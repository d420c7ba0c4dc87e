import { createDocument, type ZodOpenApiPathsObject } from "zod-openapi";
import { VERSION } from "#lib/config/version";
import { dataPlanePaths } from "./data-plane-document";
import { ADMIN_API_PATH } from "./find-operation";
import type { Operation } from "./operation";
import { describeOperation } from "./operation-document";

const DESCRIPTION = `The Admin API and, briefly, the data plane.

JSON is snake_case. Money is a decimal string in US dollars; times are ISO 8601 in UTC. Lists are pages, newest first: pass \`limit\` (1 to 200) and, for the next page, \`cursor\` with the previous page's \`next_cursor\`. In an update, fields that are left out keep their values, and \`null\` removes a value. Unknown fields are rejected.

With a portal session, as on this page, requests act as the signed-in user.`;

const apiKeyIn = (place: "header" | "cookie", name: string, description: string) => ({
  type: "apiKey" as const,
  in: place,
  name,
  description,
});

/** The OpenAPI 3.1 document, generated from the schemas that parse the requests and type the responses. */
export function openApiDocument(operations: readonly Operation[]): object {
  const tags = [...new Set(operations.map(({ tag }) => tag)), "Data plane"];
  return createDocument({
    openapi: "3.1.0",
    info: {
      title: "Tollgate",
      version: VERSION,
      description: DESCRIPTION,
      license: { name: "MIT" },
    },
    servers: [{ url: "/" }],
    tags: tags.map((name) => ({ name })),
    security: [{ adminToken: [] }, { session: [] }],
    paths: { ...adminPaths(operations), ...dataPlanePaths },
    components: {
      securitySchemes: {
        adminToken: { type: "http", scheme: "bearer", description: "`ADMIN_API_KEY` or an admin token." },
        session: apiKeyIn("cookie", "next-auth.session-token", "A portal session."),
        apiKey: { type: "http", scheme: "bearer", description: "An API key of the data plane." },
        xApiKey: apiKeyIn("header", "x-api-key", "The same key. `apikey` works, too."),
        appSecret: apiKeyIn("header", "x-gateway-secret", "An internal app's secret."),
        appId: apiKeyIn("header", "x-app-id", "The app's id or external id."),
      },
    },
  });
}

function adminPaths(operations: readonly Operation[]): ZodOpenApiPathsObject {
  const paths: ZodOpenApiPathsObject = {};
  for (const operation of operations) {
    const path = ADMIN_API_PATH + operation.path;
    const method = operation.method.toLowerCase();
    paths[path] = { ...paths[path], [method]: describeOperation(operation) };
  }
  return paths;
}
