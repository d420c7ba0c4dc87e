import { beforeEach, describe, expect, test } from "vitest";
import { startTestServer } from "#lib/cli/testing/test-server";

const { server, run } = await startTestServer();
beforeEach(() => server.clear());

const URL_ = "https://hooks.example.com/tollgate";
const WEBHOOK = { id: "9cfc7583-cd60-4644-bc5a-84ea2f7825d9", url: URL_, enabled: true };
const ok = (body: object) => server.next.push({ status: 200, body });

describe("webhook", () => {
  test("create sends its URL and events, and prints nothing but the secret to stdout", async () => {
    ok({ ...WEBHOOK, secret: "whsec_c2VjcmV0" });
    const { code, out, err } = await run([
      "webhook",
      "create",
      URL_,
      "--event",
      "budget.exhausted",
      "--event",
      "key.expiring",
    ]);
    expect([code, out]).toEqual([0, "whsec_c2VjcmV0\n"]);
    expect(err).toContain(`The secret of the webhook to ${URL_}`);
    expect(server.bodies.get("POST /api/admin/v1/webhooks")).toEqual({
      url: URL_,
      events: ["budget.exhausted", "key.expiring"],
    });
  });

  test("update finds a webhook by its URL, and enables it", async () => {
    server.rows("webhooks").push({ ...WEBHOOK });
    expect((await run(["webhook", "update", URL_, "--enable"])).code).toBe(0);
    expect(server.bodies.get(`PATCH /api/admin/v1/webhooks/${WEBHOOK.id}`)).toEqual({ enabled: true });
    expect((await run(["webhook", "update", URL_, "--disable"])).code).toBe(0);
    expect(server.bodies.get(`PATCH /api/admin/v1/webhooks/${WEBHOOK.id}`)).toEqual({ enabled: false });
  });

  test("rotate keeps the old secret for as long as it is told, or the API's default", async () => {
    for (const [args, body] of [
      [[], {}],
      [["--grace", "1h"], { grace_seconds: 3600 }],
    ] as const) {
      ok(WEBHOOK);
      ok({ ...WEBHOOK, secret: "whsec_bmV3", previous_secret_expires_at: null });
      expect((await run(["webhook", "rotate", WEBHOOK.id, ...args])).out).toBe("whsec_bmV3\n");
      expect(server.bodies.get(`POST /api/admin/v1/webhooks/${WEBHOOK.id}/rotate`)).toEqual(body);
    }
  });

  test("test fails with what the receiver did wrong", async () => {
    const delivery = {
      id: "d",
      event_id: "e",
      type: "webhook.test",
      status: "failed",
      http_status: 500,
      latency_ms: 7,
    };
    ok(WEBHOOK);
    ok({ ...delivery, error: "It answered 500." });
    const { code, out, err } = await run(["webhook", "test", WEBHOOK.id]);
    expect([code, out]).toEqual([1, "500 after 7 ms\n"]);
    expect(err).toContain("It answered 500.");
  });

  test("replay names a delivery", async () => {
    ok({ id: "d", event_id: "an-event", type: "key.expiring", status: "pending" });
    expect((await run(["webhook", "replay", "d"])).out).toContain("The event an-event is sent again.");
    expect(server.log).toEqual(["POST /api/admin/v1/webhooks/deliveries/d/replay"]);
  });
});
