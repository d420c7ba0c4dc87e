import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { closeServer, listen } from "#lib/testing/listening";

export type Recorded = { method: string; path: string; query: URLSearchParams; body: unknown };

/** A row of every resource at once: what the CLI needs of an answer. */
const ANY_ROW = {
  name: "x",
  email: "ada@acme.example",
  key_prefix: "tg_live_abcd",
  key: "tg_live_abcd",
  type: "simulated",
  targets: [],
  aliases: [],
  url: "https://hooks.example.com/",
  secret: "s",
  token: "t",
  message: "m",
  event_id: "e",
  status: "s",
  http_status: 200,
  healthy: true,
  expires_at: "2026-01-31T12:00:00.000Z",
  budget: null,
  cost_usd: "0",
  data: [],
  next_cursor: null,
};

/** Answers every request of the Admin API with something, and records them. */
export async function startRecordingServer() {
  const requests: Recorded[] = [];
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://recording");
    const content = await text(request);
    requests.push({
      method: request.method ?? "GET",
      path: pathname,
      query: searchParams,
      body: content === "" ? undefined : JSON.parse(content),
    });
    response.setHeader("content-type", "application/json");
    const id = /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(pathname)?.[0] ?? "22222222-2222-4222-8222-222222222222";
    response.end(JSON.stringify({ id, ...ANY_ROW }));
  });
  const port = await listen(server);
  return { url: `http://127.0.0.1:${port}`, requests, close: () => closeServer(server) };
}
