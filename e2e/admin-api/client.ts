import { expect } from "@playwright/test";
import { z } from "zod";
import type { Description } from "./described";
import { misworded } from "./wording";

export type Answer = {
  status: number;
  headers: Headers;
  text: string;
  /** What the JSON says; empty where the answer is none. */
  body: Record<string, unknown>;
  /** What a thing's answer has as its id, and a list's as its things; empty where there is none. */
  id: string;
  data: Record<string, unknown>[];
  /** `error.code`, `error.message` and `error.param` of a refusal. */
  code?: string;
  message?: string;
  param?: string | null;
};

const JsonAnswer = z.looseObject({
  id: z.string().optional(),
  data: z.array(z.record(z.string(), z.unknown())).optional(),
});

const Refused = z.object({
  error: z.looseObject({ code: z.string(), message: z.string(), param: z.string().nullable() }),
});

export type Sent = {
  body?: unknown;
  query?: Record<string, string | number>;
  headers?: Record<string, string>;
  idempotencyKey?: string;
};

/** The Admin API as one caller sees it. Paths are below /api/admin/v1. */
export type ApiClient = {
  get(path: string, sent?: Sent): Promise<Answer>;
  post(path: string, body?: unknown, sent?: Sent): Promise<Answer>;
  patch(path: string, body: unknown, sent?: Sent): Promise<Answer>;
  delete(path: string, sent?: Sent): Promise<Answer>;
  send(method: string, path: string, sent?: Sent): Promise<Answer>;
};

export type Judge = {
  description: Description;
  /** What no answer may hold. */
  secrets: readonly string[];
};

/**
 * A client that judges every answer: it has a request id, is as the OpenAPI document describes it, is worded
 * as the contract has it, and holds nothing of what must never be shown.
 * @param identity the headers that say who sends
 */
export function apiClient(url: string, identity: Record<string, string>, judge: Judge): ApiClient {
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
    judged(judge, method, address, answer);
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
  const refusal = status >= 400 && isJson ? Refused.parse(body).error : {};
  return { status, headers, text, body, id: body.id ?? "", data: body.data ?? [], ...refusal };
}

function judged({ description, secrets }: Judge, method: string, { pathname }: URL, answer: Answer): void {
  const what = `${method} ${pathname}: ${answer.status} ${answer.text.slice(0, 500)}`;
  expect(answer.headers.get("x-request-id"), what).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-/);
  expect(answer.headers.get("cache-control"), what).toBe("no-store");
  expect(answer.status, what).toBeLessThan(500);
  expect(misworded(answer.body), what).toEqual([]);
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
