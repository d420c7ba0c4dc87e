import { expect, test } from "vitest";
import { ADMIN_API_KEY, createTestApi } from "./testing/test-api";

const api = await createTestApi();
const CHUNK = Buffer.alloc(65_536, "[");
const CHUNKS = 128;

/** Sends 8 MB of JSON in parts, to an operation of administrators. */
async function sendLarge(bearer: string) {
  let pulled = 0;
  const body = new ReadableStream(
    {
      pull: (controller) => {
        if (pulled === CHUNKS) return controller.close();
        pulled += 1;
        controller.enqueue(CHUNK);
      },
    },
    { highWaterMark: 0 },
  );
  const headers = { authorization: `Bearer ${bearer}`, "content-type": "application/json" };
  const init = { method: "POST", headers, body, duplex: "half" };
  const { status } = await api.answer(new Request("http://portal.test/api/admin/v1/administrators", init));
  return { status, pulled };
}

test("a viewer's 8 MB to an operation of administrators is answered 403, unread", async () => {
  expect(await sendLarge(await api.token({ role: "viewer" }))).toEqual({ status: 403, pulled: 0 });
});

test("an administrator's 8 MB is answered 413, read no further than the limit", async () => {
  const { status, pulled } = await sendLarge(ADMIN_API_KEY);
  expect(status).toBe(413);
  expect(pulled).toBeLessThan(25);
});
