import { beforeEach, describe, expect, test } from "vitest";
import { startTestServer } from "#lib/cli/testing/test-server";

const { server, run } = await startTestServer();
beforeEach(async () => {
  server.clear();
  await run(["org", "create", "Acme", "--budget", "10"]);
});

const budget = { limit_usd: "10", spent_usd: "-20", held_usd: "0", remaining_usd: "30" };
const answerWith = (rest: object) => {
  const rows = server.rows("organizations");
  server.next.push(
    { status: 200, body: { data: rows, next_cursor: null } },
    { status: 201, body: { id: "a", amount_usd: "-20", ...rest } },
  );
};

describe("tollgate org credit", () => {
  test("refunds that much by an adjustment, and says what is left", async () => {
    answerWith({ budget });
    const { code, out } = await run(["org", "credit", "Acme", "20", "--reason", "Invoice 17"]);
    expect([code, out]).toEqual([0, expect.stringContaining("The balance is $30.")]);
    expect(server.log.at(-1)).toContain("/adjustments");
    expect(server.bodies.get("POST /api/admin/v1/adjustments")).toMatchObject({
      amount_usd: "-20",
      reason: "Invoice 17",
    });
  });

  test("says that there is no budget", async () => {
    answerWith({ budget: null });
    const { out } = await run(["org", "credit", "Acme", "$20"]);
    expect(out).toContain("There is no budget");
  });

  test.each(["-20", "twenty", ""])("sends nothing for an amount of %j", async (amount) => {
    const before = server.log.length;
    expect((await run(["org", "credit", "Acme", "--", amount])).code).toBe(2);
    expect(server.log).toHaveLength(before);
  });
});
