import { beforeEach, describe, expect, test } from "vitest";
import { errorReply } from "#lib/cli/testing/fake-server";
import { startTestServer } from "#lib/cli/testing/test-server";

const { server, run } = await startTestServer();
beforeEach(() => server.clear());

const answer = (change: object) => ({
  status: 200,
  body: { done: true, resealed: {}, unreadable: {}, has_previous_key: true, ...change },
});
const rotate = (...args: string[]) => run(["rotate-encryption-key", ...args]);

describe("rotate-encryption-key", () => {
  test("goes on until all is sealed, and says what was and what to do next", async () => {
    server.next.push(
      answer({ done: false, resealed: { "installation_secrets.hashing": 1, "providers.credentials": 100 } }),
      answer({ resealed: { "providers.credentials": 7 } }),
    );
    const { code, out } = await rotate();
    expect(code).toBe(0);
    expect(server.log).toEqual(Array(2).fill("POST /api/admin/v1/encryption-key/rotate"));
    expect(out).toMatch(/installation_secrets\.hashing +1\n/);
    expect(out).toMatch(/providers\.credentials +107\n/);
    expect(out).toContain("ENCRYPTION_KEY_PREVIOUS may be removed");
  });

  test("adds all calls up in its JSON", async () => {
    server.next.push(
      answer({ done: false, resealed: { "providers.credentials": 100 } }),
      answer({ resealed: { "providers.credentials": 7 } }),
    );
    expect(JSON.parse((await rotate("--json")).out)).toMatchObject({
      done: true,
      resealed: { "providers.credentials": 107 },
    });
  });

  test("says that nothing is to do, and what a rotation needs", async () => {
    server.next.push(answer({ has_previous_key: false }));
    const { out } = await rotate();
    expect(out).toContain("Nothing to do");
    expect(out).toContain("set it to the key that ENCRYPTION_KEY replaces");
    expect(out).not.toContain("may be removed");
  });

  test("names what neither key opens, and what the server rejects", async () => {
    server.next.push(answer({ unreadable: { "providers.headers": 2 } }));
    expect((await rotate()).out).toMatch(/Not readable with either key.*providers\.headers +2/s);
    server.next.push(errorReply(409, "conflict", "The process has neither ENCRYPTION_KEY in use."));
    expect(await rotate()).toMatchObject({ code: 1, err: expect.stringContaining("neither ENCRYPTION_KEY") });
  });
});
