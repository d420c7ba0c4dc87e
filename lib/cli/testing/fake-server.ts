import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { closeServer, listen } from "#lib/testing/listening";

type Row = Record<string, unknown> & { id: string };
type Reply = { status: number; body?: unknown; headers?: Record<string, string> };
type Asked = { method: string; path: string; query: URLSearchParams; body: Record<string, unknown> };

export type FakeServer = {
  url: string;
  /** Every request, as "POST /api/admin/v1/users". */
  log: string[];
  /** The query string of each request. */
  queries: string[];
  /** The last body of each kind of request, by the same names. */
  bodies: Map<string, Record<string, unknown>>;
  rows(collection: string): Row[];
  /** What a catalogue has, by model. */
  prices: Map<string, Record<string, string>>;
  /** Responses to the next requests, instead of the usual ones. */
  next: Reply[];
  /** Deletes all rows and the log. */
  clear(): void;
  close(): Promise<void>;
};

export const TOKEN = "admin-token";
/** As much of Tollgate as the tests of the CLI need: rows in memory, and a model that echoes. */
export async function startFakeServer(): Promise<FakeServer> {
  const collections = new Map<string, Row[]>();
  const rows = (name: string) => collections.get(name) ?? collections.set(name, []).get(name) ?? [];
  const fake: Omit<FakeServer, "url" | "clear" | "close"> = {
    log: [],
    queries: [],
    bodies: new Map(),
    next: [],
    rows,
    prices: new Map(),
  };
  const server = createServer(async (request, response) => {
    const asked = await read(request);
    const name = `${asked.method} ${asked.path}`;
    fake.log.push(name);
    fake.queries.push(asked.query.toString());
    fake.bodies.set(name, asked.body);
    const bearer = request.headers.authorization?.replace("Bearer ", "") ?? "";
    const reply = fake.next.shift() ?? priceAsked(asked, fake.prices) ?? answer(asked, bearer, rows);
    if (reply instanceof Function) reply(response);
    else send(response, reply);
  });
  const port = await listen(server);
  return {
    ...fake,
    url: `http://127.0.0.1:${port}`,
    clear: () => {
      collections.clear();
      fake.log.length = 0;
    },
    close: () => closeServer(server),
  };
}

export const errorReply = (
  status: number,
  code: string,
  message: string,
  param: string | null = null,
): Reply => ({
  status,
  body: { error: { message, type: "invalid_request_error", param, code } },
});

async function read(request: IncomingMessage): Promise<Asked> {
  const url = new URL(request.url ?? "/", "http://fake");
  const content = await text(request);
  return {
    method: request.method ?? "GET",
    path: url.pathname,
    query: url.searchParams,
    body: content === "" ? {} : JSON.parse(content),
  };
}

function send(response: ServerResponse, { status, body, headers = {} }: Reply): void {
  response.writeHead(status, { "content-type": "application/json", "x-request-id": "req-1", ...headers });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

type Rows = (collection: string) => Row[];

function answer(asked: Asked, bearer: string, rows: Rows): Reply | ((response: ServerResponse) => void) {
  if (asked.path.startsWith("/v1/")) return dataPlane(asked, bearer, rows);
  if (bearer !== TOKEN) return errorReply(401, "invalid_api_key", "This token is not known.");
  const [collection = "", id, verb] = asked.path.replace("/api/admin/v1/", "").split("/");
  if (collection === "metrics") return { status: 200, body: METRICS };
  if (collection === "users" && id === "sync-expiry")
    return { status: 200, body: { checked: 3, expired: 1 } };
  if (collection === "api-keys" && id === "find") {
    const found = rows("api-keys").find(({ secret }) => secret === asked.body.key);
    return found === undefined
      ? errorReply(404, "not_found", "Key not found.")
      : { status: 200, body: found };
  }
  if (id === undefined)
    return asked.method === "POST" ? create(collection, asked.body, rows) : list(asked, rows(collection));
  const row = rows(collection).find((found) => found.id === id);
  if (row === undefined) return errorReply(404, "not_found", "There is no such thing.");
  if (verb === "usage") return { status: 200, body: USAGE };
  if (verb === "users")
    return list(
      asked,
      rows("users").filter((user) => user.organization_id === id),
    );
  if (verb === "rotate") {
    const key = secret(rows("api-keys"));
    Object.assign(row, { secret: key, key_prefix: key.slice(0, 12) });
    return { status: 200, body: { ...row, key } };
  }
  if (verb === "invite")
    return {
      status: 200,
      body: { url: `http://localhost/invite/${id}`, expires_at: "2026-01-04T12:34:56.000Z" },
    };
  if (verb === "revoke")
    return { status: 200, body: Object.assign(row, { revoked_at: "2026-01-01T00:00:00.000Z" }) };
  if (verb === "test")
    return { status: 200, body: { healthy: row.name !== "broken", latency_ms: 12.3, error: null } };
  if (asked.method === "PATCH") return { status: 200, body: Object.assign(row, asked.body) };
  if (asked.method === "DELETE") {
    if (collection === "organizations" && rows("users").some((user) => user.organization_id === id)) {
      return errorReply(409, "conflict", "The organization still has users.");
    }
    rows(collection).splice(rows(collection).indexOf(row), 1);
    const itsKeys = rows("api-keys").filter((key) => key.user_id === id);
    for (const key of itsKeys) rows("api-keys").splice(rows("api-keys").indexOf(key), 1);
    return { status: 204 };
  }
  return { status: 200, body: row };
}

function priceAsked({ path, query }: Asked, prices: FakeServer["prices"]): Reply | undefined {
  if (!/^\/api\/admin\/v1\/providers\/[^/]+\/price$/.test(path)) return undefined;
  const price = prices.get(query.get("model") ?? "");
  return price === undefined
    ? errorReply(404, "not_found", "Price not found.")
    : { status: 200, body: { price } };
}

function create(collection: string, body: Record<string, unknown>, rows: Rows): Reply {
  const there = rows(collection);
  const isUnique = collection === "models" || collection === "providers";
  const clashes = isUnique && there.some((row) => row.name === body.name);
  if (clashes) return errorReply(409, "conflict", "This is taken.", "name");
  const row: Row = { id: randomUUID(), created_at: "2026-01-31T12:34:56.000Z", ...body };
  if (collection !== "api-keys") {
    there.unshift(row);
    return { status: 201, body: row };
  }
  const owner = rows("users").find((user) => user.id === body.user_id);
  if (owner) row.organization_id = owner.organization_id;
  const digest = body.key_sha256;
  if (digest !== undefined) {
    if (there.some((other) => other.key_sha256 === digest))
      return errorReply(409, "conflict", "This key is taken.", "key_sha256");
    const moved = { ...row, key_prefix: `sha256:${String(digest).slice(0, 6)}` };
    there.unshift(moved);
    return { status: 201, body: { ...moved, key: null } };
  }
  const key = typeof body.key === "string" ? body.key : secret(there);
  if (there.some((other) => other.secret === key))
    return errorReply(409, "conflict", "This key is taken.", "key");
  there.unshift({ ...row, secret: key, key_prefix: key.slice(0, 12) });
  return { status: 201, body: { ...row, key, key_prefix: key.slice(0, 12) } };
}

const secret = (keys: readonly Row[]) => `tg_live_${keys.length}${randomUUID().slice(0, 8)}`;

function list({ query }: Asked, all: readonly Row[]): Reply {
  const filtered = all.filter(
    (row) =>
      (query.get("user_id") ?? row.user_id) === row.user_id &&
      (query.get("organization_id") ?? row.organization_id) === row.organization_id &&
      JSON.stringify(row).includes(query.get("search") ?? "") &&
      (query.get("tag") === null || (Array.isArray(row.tags) && row.tags.includes(query.get("tag")))),
  );
  const start =
    query.get("cursor") === null ? 0 : filtered.findIndex((row) => row.id === query.get("cursor")) + 1;
  const data = filtered.slice(start, start + Number(query.get("limit") ?? 50));
  const more = start + data.length < filtered.length;
  return { status: 200, body: { data, next_cursor: more ? data.at(-1)?.id : null } };
}

function dataPlane(
  { path, body }: Asked,
  bearer: string,
  rows: Rows,
): Reply | ((response: ServerResponse) => void) {
  if (!rows("api-keys").some((key) => key.secret === bearer))
    return errorReply(401, "invalid_api_key", "Wrong key.");
  if (path === "/v1/models")
    return { status: 200, body: { data: rows("models").map(({ name }) => ({ id: name })) } };
  const said = `You said: ${JSON.stringify(body.messages)}`;
  if (body.stream !== true) {
    const message = { role: "assistant", content: said };
    return {
      status: 200,
      headers: { "x-tollgate-cost-usd": "0.000012" },
      body: { model: body.model, choices: [{ message, finish_reason: "stop" }] },
    };
  }
  const events = ["You said", ": ", said.slice("You said: ".length)].map((content) => ({
    choices: [{ delta: { content } }],
  }));
  return (response) => {
    response.writeHead(200, { "content-type": "text/event-stream", "x-request-id": "req-1" });
    for (const event of events) response.write(`data: ${JSON.stringify(event)}\n\n`);
    response.end("data: [DONE]\n\n");
  };
}

const USAGE = {
  period: { start: "2026-01-01T00:00:00.000Z", end: "2026-02-01T00:00:00.000Z" },
  budget: { limit_usd: "100", spent_usd: "1.000000000012", held_usd: "0", remaining_usd: "98.999999999988" },
  requests: 1234,
  input_tokens: 5,
  output_tokens: 6,
  cost_usd: "1.000000000012",
};

const METRICS = {
  total_requests: 7,
  requests_by_provider: { simulated: 7 },
  average_response_ms: 12.5,
  uptime_seconds: 90_061,
  users: 1,
  organizations: 1,
  api_keys: { active: 1, revoked: 2, total: 3 },
  top_users: [{ user_id: "u1", email: "ada@acme.example", cost_usd: "0.5", requests: 7 }],
  top_users_by_requests: [
    { user_id: "u2", email: null, external_id: "emp-17", cost_usd: "0.25", requests: 9 },
  ],
  last_updated: "2026-01-31T12:00:00.000Z",
};
