import { z } from "zod";

const JsonSchema = z.custom<Parameters<typeof z.fromJSONSchema>[0]>((value) => typeof value === "object");

const Described = z.looseObject({
  paths: z.record(
    z.string(),
    z.record(z.string(), z.looseObject({ responses: z.record(z.string(), z.unknown()) })),
  ),
  components: z.looseObject({ schemas: z.record(z.string(), z.unknown()) }),
});
const JsonAnswer = z.looseObject({
  content: z.looseObject({ "application/json": z.looseObject({ schema: z.unknown() }) }),
});

/** Checks responses against the server's own OpenAPI document. */
export type Description = {
  /** How a response differs from its description, also by extra or missing fields; empty if it matches. */
  mismatches(method: string, path: string, status: number, body: unknown): string[];
};

/** Reads `/api/openapi.json`. */
export async function readDescription(url: string): Promise<Description> {
  const text = await (await fetch(`${url}/api/openapi.json`)).text();
  // Zod resolves references within a schema, so each schema gets all the others.
  const { paths, components } = Described.parse(
    JSON.parse(text.replaceAll('"#/components/schemas/', '"#/$defs/')),
  );
  const schemas = new Map<string, z.ZodType>();
  const compile = (name: string, schema: unknown): z.ZodType => {
    const compiled =
      schemas.get(name) ??
      z.fromJSONSchema(JsonSchema.parse({ ...Object(schema), $defs: components.schemas }));
    schemas.set(name, compiled);
    return compiled;
  };
  return {
    mismatches: (method, path, status, body) => {
      if (status >= 400) return issuesOf(compile("Error", components.schemas.Error), body);
      const template = Object.keys(paths).find((each) => fits(each, path));
      const answer = template && paths[template]?.[method.toLowerCase()]?.responses[status];
      if (!answer) return [`${method} ${path} is not described with ${status}`];
      const described = JsonAnswer.safeParse(answer);
      if (!described.success) return body === undefined ? [] : ["a body is not described"];
      const { schema } = described.data.content["application/json"];
      return issuesOf(compile(`${method} ${template} ${status}`, schema), body);
    },
  };
}

const issuesOf = (schema: z.ZodType, body: unknown): string[] =>
  schema.safeParse(body).error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`) ?? [];

/** Ids are UUIDs, so that `/users/sync-expiry` does not match `/users/{id}`. */
function fits(template: string, path: string): boolean {
  const pattern = template.replace(/\{\w+\}/g, "[0-9a-fA-F-]{36}");
  return new RegExp(`^${pattern}$`).test(path);
}
