import { beforeEach, describe, expect, test } from "vitest";
import { startTestServer } from "#lib/cli/testing/test-server";

const { server, run } = await startTestServer();
beforeEach(() => server.clear());

const NOTICE = {
  id: "0190f3c1-6c3e-7cc0-8a2b-5d1f00000001",
  created_at: "2026-11-30T08:15:00.000Z",
  type: "budget.exhausted",
  message: "The budget of Acme is used up.",
  read_at: null,
};

describe("notice", () => {
  test("list asks for the notices that the options name, and shows what they say", async () => {
    server.next.push({ status: 200, body: { data: [NOTICE], next_cursor: null } });
    const { code, out } = await run(["notice", "list", "--unread", "--type", NOTICE.type]);
    expect(code).toBe(0);
    expect(out).toContain(NOTICE.message);
    expect(server.log).toEqual(["GET /api/admin/v1/notices"]);
    expect(server.queries.at(-1)).toBe("unread=true&type=budget.exhausted&limit=50");
  });

  test("read marks one as read, and says when", async () => {
    server.next.push({ status: 200, body: { ...NOTICE, read_at: "2026-11-30T09:00:00.000Z" } });
    const { code, out } = await run(["notice", "read", NOTICE.id]);
    expect(code).toBe(0);
    expect(server.log).toEqual([`POST /api/admin/v1/notices/${NOTICE.id}/read`]);
    expect(out).toContain("2026-11-30 09:00 UTC");
  });
});
