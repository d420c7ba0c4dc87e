// @own-process: the secrets that it opens are those of its process.
import { randomBytes } from "node:crypto";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { seal } from "#lib/config/seal";
import { openControlDb } from "#lib/db/client";
import { apiKeys, installationSecrets, organizations } from "#lib/db/schema/identity";
import { providers } from "#lib/db/schema/routing";
import { placeIn } from "#lib/db/schema/sealed-columns";
import { databaseOfFile } from "#lib/db/testing/test-database";
import { DatabaseUnavailable } from "#lib/db/unavailable";
import { startFaultyProxy } from "#lib/testing/faulty-proxy";
import { firstRow } from "#lib/testing/first-row";
import { secretHasher } from "./api-key";
import { derivedSecrets } from "./derived-secrets";
import {
  hashingSecrets,
  openHashingSecrets,
  openHashingSecretsOrLater,
  openStoredSecrets,
  sealingKeyIn,
} from "./hashing-secrets";

const database = await databaseOfFile();
const db = database.control(4);
const newKey = () => randomBytes(32).toString("base64");
const [first, second] = [newKey(), newKey()];
const bothKeys = { ENCRYPTION_KEY: second, ENCRYPTION_KEY_PREVIOUS: first };

const addProvider = async (key: string) => {
  const id = crypto.randomUUID();
  const credentials = seal('{"api_key":"k"}', key, placeIn(providers.credentials, id));
  await db.insert(providers).values({ id, name: id, type: "openai", credentials });
};
const addKey = async () => {
  const organization = firstRow(await db.insert(organizations).values({ name: "o" }).returning());
  await db.insert(apiKeys).values({
    name: "k",
    organizationId: organization.id,
    keyHash: randomBytes(32),
    keyPrefix: "tg_",
  });
};

beforeEach(async () => {
  await db.delete(installationSecrets);
  await db.delete(providers);
  await db.delete(apiKeys);
});

// First: afterwards this process has them.
test("a process that starts without the database says so until it is back", async () => {
  const proxy = await startFaultyProxy(database.url);
  const behind = openControlDb(proxy.url, 1);
  await proxy.disconnect();
  await openHashingSecretsOrLater(behind, { ENCRYPTION_KEY: first });
  expect(() => hashingSecrets()).toThrow(DatabaseUnavailable);
  await proxy.restore();
  await vi.waitFor(() => expect(hashingSecrets()).toEqual(derivedSecrets(first)));
  await behind.$client.end({ timeout: 1 });
  await proxy.close();
});

describe("what hashes depend on", () => {
  test("is derived from the first key, and stays when that is replaced", async () => {
    const opened = await openHashingSecrets(db, { ENCRYPTION_KEY: first });
    expect(opened).toEqual(derivedSecrets(first));
    expect(secretHasher(opened)("tg_x")).toEqual(secretHasher(first)("tg_x"));
    expect(await openHashingSecrets(db, bothKeys)).toEqual(opened);
    expect(await openHashingSecrets(db, { ENCRYPTION_KEY: first })).toEqual(opened);
  });

  test("is stored once by processes that start together", async () => {
    const keys = { ENCRYPTION_KEY: first };
    const opened = await Promise.all([1, 2, 3].map(() => openHashingSecrets(db, keys)));
    expect(new Set(opened.map(({ pepper }) => pepper.toString("hex"))).size).toBe(1);
    expect(await db.select().from(installationSecrets)).toHaveLength(1);
  });

  test("does not open with another key, which the error says", async () => {
    await openHashingSecrets(db, { ENCRYPTION_KEY: first });
    for (const keys of [
      { ENCRYPTION_KEY: second },
      { ENCRYPTION_KEY: newKey(), ENCRYPTION_KEY_PREVIOUS: second },
    ]) {
      await expect(openHashingSecrets(db, keys)).rejects.toThrow(
        /encrypted with another ENCRYPTION_KEY: .*ENCRYPTION_KEY_PREVIOUS.*rotate-encryption-key/,
      );
    }
  });

  test("is awaited by a process that does not store it", async () => {
    expect(await openStoredSecrets(db, { ENCRYPTION_KEY: first })).toBe(false);
    await openHashingSecrets(db, { ENCRYPTION_KEY: first });
    expect(await openStoredSecrets(db, { ENCRYPTION_KEY: first })).toBe(true);
  });
});

describe("a database from before these were stored", () => {
  test("tells by its providers which key it was used with", async () => {
    await addProvider(first);
    expect(await openHashingSecrets(db, bothKeys)).toEqual(derivedSecrets(first));
    await db.delete(installationSecrets);
    await expect(openHashingSecrets(db, { ENCRYPTION_KEY: second })).rejects.toThrow(
      "ENCRYPTION_KEY does not open the credentials of any provider",
    );
    await addProvider(second);
    expect(await openHashingSecrets(db, { ENCRYPTION_KEY: second })).toEqual(derivedSecrets(second));
  });

  test("was used with the key before if it has hashes alone, and with the current one if it is new", async () => {
    expect(await openHashingSecrets(db, bothKeys)).toEqual(derivedSecrets(second));
    await db.delete(installationSecrets);
    await addKey();
    expect(await openHashingSecrets(db, bothKeys)).toEqual(derivedSecrets(first));
  });
});

describe("the key to seal with", () => {
  const keyIn = (keys: Parameters<typeof sealingKeyIn>[1]) => db.transaction((tx) => sealingKeyIn(tx, keys));

  test("is the one in use, whatever the process starts with", async () => {
    await openHashingSecrets(db, { ENCRYPTION_KEY: first });
    expect(await keyIn({ ENCRYPTION_KEY: first })).toBe(first);
    expect(await keyIn(bothKeys)).toBe(first);
    expect(await keyIn({ ENCRYPTION_KEY: second })).toBeNull();
  });
});
