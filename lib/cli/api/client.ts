import { randomUUID } from "node:crypto";
import type { z } from "zod";
import { CliError, EXIT } from "#lib/cli/failure";
import { send } from "./send";

/** A server's answer: as it came, for `--json`, and as what it was expected to be. */
export type Answer<T> = { json: unknown; value: T };

export type Query = Readonly<Record<string, unknown>>;
export type Body = Readonly<Record<string, unknown>>;

/** The Admin API of one server, as one caller. Every call throws CliError when it was refused. */
export type AdminClient = {
  readonly url: string;
  get<Schema extends z.ZodType>(
    path: string,
    schema: Schema,
    query?: Query,
    /** For what takes the server longer than usual. */
    patienceMs?: number,
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

const PATIENCE_MS = 30_000;

export function adminClient(url: string, token: string): AdminClient {
  const call = async (
    method: string,
    path: string,
    { body, query = {}, patienceMs = PATIENCE_MS }: { body?: Body; query?: Query; patienceMs?: number },
  ) => {
    const address = new URL(`${url}/api/admin/v1${path}`);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) address.searchParams.set(name, String(value));
    }
    const answer = await send(address, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        accept: "application/json",
        ...(body ? { "content-type": "application/json" } : {}),
        // What a proxy in between repeats is done once.
        ...(method === "POST" ? { "idempotency-key": randomUUID() } : {}),
      },
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(patienceMs),
    });
    return answer.text();
  };
  const expect = <Schema extends z.ZodType>(text: string, schema: Schema): Answer<z.output<Schema>> => {
    const json = parsed(text);
    const checked = schema.safeParse(json);
    if (checked.success) return { json, value: checked.data };
    const [issue] = checked.error.issues;
    const what = issue ? `${issue.path.join(".") || "answer"}: ${issue.message}` : "";
    throw new CliError(`The server's answer is not what was expected (${what}).`, EXIT.failed, {
      hint: "The server and this CLI may be of different versions; --json shows what it said.",
      body: json,
    });
  };
  return {
    url,
    get: async (path, schema, query, patienceMs) =>
      expect(await call("GET", path, { query, patienceMs }), schema),
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
    throw new CliError("The server's answer is no JSON.", EXIT.failed);
  }
}

/** A part of a path, whatever is in it. */
export const segment = (text: string) => encodeURIComponent(text);
