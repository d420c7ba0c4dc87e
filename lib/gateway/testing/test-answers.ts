import { expect, test } from "vitest";
import { expectReleased } from "./expect-released";
import type { TestGateway } from "./test-gateway";

type Endpoint = {
  gate: TestGateway;
  /** Posts a body; a model named `whole`, `stream-for-whole` or `other-dialect` answers so. */
  post: (body: object) => Promise<Response>;
  /** The body of the answer of `whole`. */
  whole: string;
  /** The ledger's columns of it. */
  counted: { endpoint: string; cost_usd: string };
  /** A model that fails in a whole answer, and one that fails as a stream begins. */
  failing: readonly [whole: string, stream: string];
};

/** The tests of what an endpoint does with an answer, whatever its form. */
export function testAnswers({ gate, post, whole, counted, failing }: Endpoint): void {
  test("answers what the provider says, byte for byte, and charges what it reports", async () => {
    const answered = await post({ model: "whole" });
    expect(answered.status).toBe(200);
    expect(await answered.text()).toBe(whole);
    expect(answered.headers.get("x-tollgate-cost-usd")).toBe(counted.cost_usd.replace(/0+$/, ""));
    expect(await gate.rowOf(answered)).toMatchObject({ ...counted, stream: false, http_status: 200 });
  });

  test.each([
    [failing[0], false],
    [failing[1], true],
  ])("answers a failure before any output as an error, uncharged: %s", async (model, stream) => {
    await expectReleased(gate, await post({ model, stream }));
  });

  test("turns a stream into a whole answer", async () => {
    const joined = await post({ model: "stream-for-whole" });
    expect(await joined.json()).toEqual(JSON.parse(whole));
    expect(await gate.rowOf(joined)).toMatchObject(counted);
  });

  test("rejects an answer in another dialect", async () => {
    expect((await post({ model: "other-dialect" })).status).toBe(502);
  });
}
