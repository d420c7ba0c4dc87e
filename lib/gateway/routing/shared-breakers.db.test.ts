import { expect, test } from "vitest";
import { openHotDatabase } from "#lib/db/client";
import { createTestDatabase } from "#lib/db/testing/test-database";
import { sharedBreakers } from "./shared-breakers";

test("of three replicas, one claims each probe of a target that is down, and none before it is due", async () => {
  const database = await createTestDatabase();
  const { sql } = database;
  const replicas = [1, 2, 3].map(() => openHotDatabase(database.url));
  const breakers = replicas.map(sharedBreakers);
  try {
    const [provider] = await sql`
      INSERT INTO providers (name, type, settings) VALUES ('p', 'simulated', '{}') RETURNING id`;
    const target = { providerId: String(provider?.id), credentialId: "", upstreamModel: "m" };
    const claims = async () => {
      const claimed = await Promise.all(breakers.map(({ claimProbe }) => claimProbe(target)));
      return claimed.filter(Boolean).length;
    };
    const become = (due: string) =>
      sql`UPDATE target_states SET probe_after = clock_timestamp() + ${due}::text::interval`;
    expect(await claims()).toBe(0);
    expect(await breakers[0]?.markDown(target, "connect")).toBeGreaterThan(0);
    expect(await claims()).toBe(0);
    for (let probe = 0; probe < 5; probe++) {
      await become("-1 millisecond");
      expect(await claims()).toBe(1);
      // The others wait until this one's answer, or for 15 s.
      expect(await claims()).toBe(0);
      await become("1 second");
      expect(await claims()).toBe(0);
    }
    await breakers[1]?.markUp(target);
    await become("-1 millisecond");
    expect(await claims()).toBe(0);
    expect(await breakers[2]?.read()).toEqual([]);
  } finally {
    await Promise.all(replicas.map(({ close }) => close(1)));
    await database.drop();
  }
});
