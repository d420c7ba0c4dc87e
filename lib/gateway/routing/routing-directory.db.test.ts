import { expect, test } from "vitest";
import { openHotDatabase } from "#lib/db/client";
import { createTestDatabase } from "#lib/db/testing/test-database";
import { routingDirectory } from "./routing-directory";

const KEY = Buffer.alloc(32, 1).toString("base64");

test("what clients can cause asks the database whether the routing has changed once a second, after ten times", async () => {
  const database = await createTestDatabase();
  const hot = openHotDatabase(database.url);
  let nowMs = 0;
  const routing = routingDirectory(
    hot,
    { ENCRYPTION_KEY: KEY },
    () => {},
    () => nowMs,
  );
  const change = () => database.sql`UPDATE models SET enabled = enabled`;
  /** How many changes of so many are seen. */
  const seen = async (changes: number) => {
    const versions = new Set([(await routing()).version]);
    for (let at = 0; at < changes; at++) {
      await change();
      versions.add((await routing({ fresh: "if_checked" })).version);
    }
    return versions.size - 1;
  };
  try {
    expect(await seen(12)).toBe(10);
    nowMs += 2_000;
    expect(await seen(4)).toBe(2);
    await change();
    const { version } = await routing({ fresh: true });
    expect(version).toBe((await routing()).version);
    const same = await routing({ fresh: true });
    expect(same).toBe(await routing());
  } finally {
    await hot.close(1);
    await database.drop();
  }
});
