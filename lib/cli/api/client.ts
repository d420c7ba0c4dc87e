import { randomUUID } from "node:crypto";
import type { z } from "zod";
import { CliError, EXIT } from "#lib/cli/failure";
import { send } from "./send";

/** A response: the JSON as it arrived, for `--json`, and the parsed value. */
export type Answer<T> = { json: unknown; value: T };

export type Query = Readonly<Record<string, unknown>>;
export type Body = Readonly<Record<string, unknown>>;

/** The Admin API of one server with one token. Every call throws CliError when the server rejects it. */
export type AdminClient = {
  readonly url: string;
  get<Schema extends z.ZodType>(
    path: string,
    schema: Schema,
    query?: Query,
    timeoutMs?: number,
  ): Promise<Answer<z.output<Schema>>>;
  post<Schema extends z.ZodType>(
    path: string,
    schema: Schema,
    body?: Body,
  ): Promise<Answer<z.output<Schema>>>;
  patch<Schema extends z.ZodType>(
    path: string,
    schema: Schema,
    body: Body,
  ): Promise<Answer<z.output<Schema>>>;
  delete(path: string): Promise<void>;
};

const TIMEOUT_MS = 30_000;

export function adminClient(url: string, token: string): AdminClient {
  const call = async (
    method: string,
    path: string,
    { body, query = {}, timeoutMs = TIMEOUT_MS }: { body?: Body; query?: Query; timeoutMs?: number },
  ) => {
    const address = new URL(`${url}/api/admin/v1${path}`);
    for (const [name, value] of Object.entries(query)) {
      if (value === undefined) continue;
      for (const each of Array.isArray(value) ? value : [value])
        address.searchParams.append(name, String(each));
    }
    const answer = await send(address, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        accept: "application/json",
        ...(body ? { "content-type": "application/json" } : {}),
        // A proxy may repeat the request; the server then creates one row.
        ...(method === "POST" ? { "idempotency-key": randomUUID() } : {}),
      },
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs),
    });
    return answer.text();
  };
  const expect = <Schema extends z.ZodType>(text: string, schema: Schema): Answer<z.output<Schema>> => {
    const json = parsed(text);
    const checked = schema.safeParse(json);
    if (checked.success) return { json, value: checked.data };
    const [issue] = checked.error.issues;
    const what = issue ? `${issue.path.join(".") || "answer"}: ${issue.message}` : "";
    throw new CliError(`Unexpected response from the server (${what}).`, EXIT.failed, {
      hint: "The server and this CLI may have different versions. Pass --json to see the response.",
      body: json,
    });
  };
  return {
    url,
    get: async (path, schema, query, timeoutMs) =>
      expect(await call("GET", path, { query, timeoutMs }), schema),
    post: async (path, schema, body = {}) => expect(await call("POST", path, { body }), schema),
    patch: async (path, schema, body) => expect(await call("PATCH", path, { body }), schema),
    delete: async (path) => {
      await call("DELETE", path, {});
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new CliError("The response is not JSON.", EXIT.failed);
  }
}

/** Encodes a segment of a path. */
export const segment = (text: string) => encodeURIComponent(text);
