import { createServer, type IncomingHttpHeaders } from "node:http";
import { text } from "node:stream/consumers";
import { Webhook } from "standardwebhooks";
import { closeServer, listen } from "#lib/testing/listening";
import { expect, test } from "./api-test";
import { createResource, newTenant } from "./resources";

test("a budget's threshold arrives at a webhook, signed, and is a notice", async ({ api }) => {
  const received: { headers: IncomingHttpHeaders; body: string }[] = [];
  const server = createServer(async (request, response) => {
    received.push({ headers: request.headers, body: await text(request) });
    // The first attempt fails.
    response.writeHead(received.length === 1 ? 500 : 204).end();
  });
  const url = `http://127.0.0.1:${await listen(server)}/`;
  try {
    const { id } = await newTenant(api);
    await api.adminKey.patch(`/organizations/${id}`, {
      budget: { limit_usd: "10", period: "month", soft_limit_percent: 80 },
    });
    const webhook = await createResource(api.adminKey, "/webhooks", {
      url,
      events: ["budget.threshold", "budget.exhausted"],
      organization_id: id,
    });
    const adjustment = { scope: { organization_id: id }, amount_usd: "8", reason: "a test" };
    await createResource(api.adminKey, "/adjustments", adjustment);

    // The server's own job sends it, and again five seconds after the failure.
    await expect.poll(() => received.length, { timeout: 60_000 }).toBe(2);
    const [first, second] = received;
    expect(second?.headers["webhook-id"]).toBe(first?.headers["webhook-id"]);
    const headers = Object.fromEntries(
      Object.entries(second?.headers ?? {}).map(([name, value]) => [name, String(value)]),
    );
    const verifier = new Webhook(String(Object(webhook).secret));
    expect(verifier.verify(second?.body ?? "", headers)).toMatchObject({
      type: "budget.threshold",
      data: { scope: { type: "organization", id }, limit_usd: "10", percent: 80, spent_usd: "8" },
    });

    const { data } = await api.adminKey.get("/notices", { query: { organization_id: id } });
    expect(data).toMatchObject([
      { id: first?.headers["webhook-id"], type: "budget.threshold", read_at: null },
    ]);
    const read = await api.adminKey.post(`/notices/${first?.headers["webhook-id"]}/read`, {});
    expect(read.body).toMatchObject({ read_at: expect.stringMatching(/Z$/) });
    const deliveries = await api.adminKey.get(`/webhooks/${webhook.id}/deliveries`);
    expect(deliveries.data).toMatchObject([{ status: "delivered", attempts: 2, http_status: 204 }]);
  } finally {
    await closeServer(server);
  }
});
