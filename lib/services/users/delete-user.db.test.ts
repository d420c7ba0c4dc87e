import { eq } from "drizzle-orm";
import { expect, test } from "vitest";
import { retryingTransaction } from "#lib/db/retry-conflicts";
import { apiKeys, users } from "#lib/db/schema/identity";
import { createKey } from "#lib/services/keys/create-key";
import { readKeyBounds, requireRoomForKey } from "#lib/services/keys/key-bounds";
import { lockKey } from "#lib/services/keys/key-rows";
import { updateOrganization } from "#lib/services/organizations/update-organization";
import { worldOfFile } from "#lib/services/testing/world";
import { createUser } from "./create-user";
import { deleteUser } from "./delete-user";

const world = await worldOfFile();

test("a user is deleted although a rotation holds a key of theirs and waits for them", async () => {
  const ctx = world.as(world.admin);
  await updateOrganization(ctx, { id: world.a.id, member_keys: { max: 5 } });
  const { id } = await createUser(ctx, { email: "crossing@example.com", organization_id: world.a.id });
  const key = await createKey(ctx, { name: "crossing", user_id: id });
  let deletion: Promise<void> | undefined;
  await retryingTransaction(world.db, async (tx) => {
    // The locks of rotateKey, in its order, with the deletion's own between them.
    const row = await lockKey(tx, ctx.actor, key.id);
    deletion ??= deleteUser(ctx, { id });
    deletion.catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await requireRoomForKey(tx, row, await readKeyBounds(tx, row), key.id);
  });
  await expect(deletion).resolves.toBeUndefined();
  expect(await world.db.$count(users, eq(users.id, id))).toBe(0);
  expect(await world.db.$count(apiKeys, eq(apiKeys.id, key.id))).toBe(0);
});
