import { expect } from "@playwright/test";
import { z } from "zod";
import type { Description } from "./openapi-description";
import { malformed } from "./value-formats";

export type Answer = {
  status: number;
  headers: Headers;
  text: string;
  /** The JSON body; empty without one. */
  body: Record<string, unknown>;
  /** `id` of a resource and `data` of a list; empty without one. */
  id: string;
  data: Record<string, unknown>[];
  /** Of an error. */
  code?: string;
  message?: string;
  param?: string | null;
};

const JsonAnswer = z.looseObject({
  id: z.string().optional(),
  /** The rows of a list, or what an event says. */
  data: z.union([z.array(z.record(z.string(), z.unknown())), z.record(z.string(), z.unknown())]).optional(),
});

const ErrorBody = z.object({
  error: z.looseObject({ code: z.string(), message: z.string(), param: z.string().nullable() }),
});

export type Sent = {
  body?: unknown;
  query?: Record<string, string | number>;
  headers?: Record<string, string>;
  idempotencyKey?: string;
};

/** The Admin API for one caller. Paths are below /api/admin/v1. */
export type ApiClient = {
  get(path: string, sent?: Sent): Promise<Answer>;
  post(path: string, body?: unknown, sent?: Sent): Promise<Answer>;
  patch(path: string, body: unknown, sent?: Sent): Promise<Answer>;
  delete(path: string, sent?: Sent): Promise<Answer>;
  send(method: string, path: string, sent?: Sent): Promise<Answer>;
};

export type Checks = {
  description: Description;
  /** What no response may contain. */
  secrets: readonly string[];
};

/**
 * A client that checks every response: it has a request id, matches the OpenAPI document, has the contract's
 * value formats, and contains no secret.
 * @param identity the headers with the credentials
 */
export function apiClient(url: string, identity: Record<string, string>, checks: Checks): ApiClient {
  const send = async (
    method: string,
    path: string,
    { body, query = {}, headers, idempotencyKey }: Sent = {},
  ) => {
    const address = new URL(`${url}/api/admin/v1${path}`);
    for (const [name, value] of Object.entries(query)) address.searchParams.set(name, String(value));
    const response = await fetch(address, {
      method,
      redirect: "manual",
      headers: {
        ...identity,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey }),
        ...headers,
      },
      body: body === undefined || typeof body === "string" ? body : JSON.stringify(body),
    });
    const answer = await read(response);
    check(checks, method, address, answer);
    return answer;
  };
  return {
    send,
    get: (path, sent) => send("GET", path, sent),
    post: (path, body, sent) => send("POST", path, { ...sent, body }),
    patch: (path, body, sent) => send("PATCH", path, { ...sent, body }),
    delete: (path, sent) => send("DELETE", path, sent),
  };
}

async function read(response: Response): Promise<Answer> {
  const { status, headers } = response;
  const text = await response.text();
  const isJson = headers.get("content-type")?.startsWith("application/json") && text !== "";
  const body = JsonAnswer.parse(isJson ? JSON.parse(text) : {});
  const error = status >= 400 && isJson ? ErrorBody.parse(body).error : {};
  return {
    status,
    headers,
    text,
    body,
    id: body.id ?? "",
    data: Array.isArray(body.data) ? body.data : [],
    ...error,
  };
}

function check({ description, secrets }: Checks, method: string, { pathname }: URL, answer: Answer): void {
  const what = `${method} ${pathname}: ${answer.status} ${answer.text.slice(0, 500)}`;
  expect(answer.headers.get("x-request-id"), what).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-/);
  expect(answer.headers.get("cache-control"), what).toBe("no-store");
  if (!asksProvider(pathname)) expect(answer.status, what).toBeLessThan(500);
  expect(malformed(answer.body), what).toEqual([]);
  const isJson = answer.headers.get("content-type")?.startsWith("application/json") ?? false;
  if (method !== "HEAD" && (isJson || answer.text === "")) {
    const body = isJson ? answer.body : undefined;
    expect(description.mismatches(method, pathname, answer.status, body), what).toEqual([]);
  }
  expect(
    secrets.filter((secret) => answer.text.includes(secret)),
    what,
  ).toEqual([]);
}

/** Whether a request has a provider asked, which may be away (502). */
export const asksProvider = (path: string): boolean => /\/providers\/[0-9a-f-]{36}\/models\b/.test(path);
