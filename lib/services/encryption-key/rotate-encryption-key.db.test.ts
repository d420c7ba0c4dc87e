import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { eq, getTableName, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SYSTEM } from "#lib/auth/actor";
import { readAdminToken } from "#lib/auth/admin-token";
import { secretHasher } from "#lib/auth/api-key";
import { openHashingSecrets } from "#lib/auth/hashing-secrets";
import { hashPassword, passwordSalt } from "#lib/auth/password";
import { readActor } from "#lib/auth/read-actor";
import { signIn } from "#lib/auth/sign-in";
import { ISSUER, singleSignOn } from "#lib/auth/testing/single-sign-on";
import { type EncryptionKeys, isSealedWith, sealHeader } from "#lib/config/seal";
import { openHotDatabase } from "#lib/db/client";
import { accounts, auditLog, users } from "#lib/db/schema/identity";
import { providers } from "#lib/db/schema/routing";
import { SEALED_COLUMNS } from "#lib/db/schema/sealed-columns";
import { answerNode } from "#lib/gateway/mounts/node";
import { createGateway } from "#lib/gateway/runtime/create-gateway";
import { startBackends } from "#lib/gateway/testing/backends";
import { createAdminToken } from "#lib/services/admin-tokens/create-admin-token";
import { createApp } from "#lib/services/apps/create-app";
import { runOnce } from "#lib/services/idempotency/run-once";
import { createKey } from "#lib/services/keys/create-key";
import { createProvider } from "#lib/services/providers/create-provider";
import { updateProvider } from "#lib/services/providers/update-provider";
import { tokenActor } from "#lib/services/testing/context";
import { firstRow } from "#lib/testing/first-row";
import { closeServer, listen } from "#lib/testing/listening";
import { postChat } from "#lib/testing/post-chat";
import { resealBatch } from "./reseal-batch";
import { rotate, rotateEncryptionKey } from "./rotate-encryption-key";

const newKey = () => randomBytes(32).toString("base64");
const [before, after] = [newKey(), newKey()];
const OLD: EncryptionKeys = { ENCRYPTION_KEY: before };
const BOTH: EncryptionKeys = { ENCRYPTION_KEY: after, ENCRYPTION_KEY_PREVIOUS: before };
const NEW: EncryptionKeys = { ENCRYPTION_KEY: after };

const backends = await startBackends({ models: [{ name: "instant" }], encryptionKey: before });
const { database, upstream, seeded } = backends;
const db = database.control(4);
const { admitted } = singleSignOn(db);
const PASSWORD = "toll road 7";

/** A process with these keys, as start-up prepares it. */
async function start(keys: EncryptionKeys) {
  const hashing = await openHashingSecrets(db, keys);
  const hashSecret = secretHasher(hashing);
  const hot = openHotDatabase(database.url);
  const gateway = createGateway(hot, {
    ...keys,
    hashSecret,
    REQUEST_TIMEOUT_MS: 10_000,
    BLOCK_PRIVATE_UPSTREAMS: false,
    MAX_BODY_BYTES: 1024 * 1024,
    TRUSTED_PROXIES: [],
  });
  const server = createServer((incoming, outgoing) => answerNode(gateway, incoming, outgoing));
  const url = `http://127.0.0.1:${await listen(server)}/v1`;
  afterAll(async () => {
    await closeServer(server);
    await gateway.settler.idle();
    await hot.close(1);
  });
  const ctx = {
    db,
    actor: tokenActor(),
    hashSecret,
    passwordSalt: (email: string) => passwordSalt(hashing, email),
    config: { ...keys, BLOCK_PRIVATE_UPSTREAMS: false, ALLOW_PRIVATE_WEBHOOKS: false },
    portalUrl: "http://portal.test",
  };
  return { url, gateway, hashing, hashSecret, ctx };
}
type Process = Awaited<ReturnType<typeof start>>;

let old: Process;
let key: string;
let appSecret: string;
let token: string;
let session: string;
beforeAll(async () => {
  old = await start(OLD);
  const organization = seeded.ids.organization;
  key = (await createKey(old.ctx, { name: "mine", organization_id: organization })).key;
  appSecret = (
    await createApp(old.ctx, { name: "app", external_id: "an-app", organization_id: organization })
  ).secret;
  token = (await createAdminToken(old.ctx, { name: "token", role: "admin" })).token;
  const passwordHash = await hashPassword(PASSWORD, old.ctx.passwordSalt("ada@example.com"));
  const account = { passwordHash, emailConfirmedAt: new Date(), oidcIssuer: ISSUER, oidcSubject: "ada" };
  const { id: accountId } = firstRow(
    await db
      .insert(accounts)
      .values({ email: "ada@example.com", ...account })
      .returning(),
  );
  await db.insert(users).values({ email: "ada@example.com", organizationId: organization, accountId });
  session = await sessionAt(old);
});
afterAll(() => backends.close());

let addresses = 1;
async function sessionAt({ hashSecret, hashing }: Process): Promise<string> {
  const origin = { address: `192.0.2.${addresses++}`, userAgent: null, digest: hashSecret, hashing };
  const answer = await signIn(db, { email: "ada@example.com", password: PASSWORD }, origin);
  return answer.outcome === "signed_in" ? answer.session.id : answer.outcome;
}

/** Uses everything that depends on a key, at a process that has read its routing anew. */
async function expectAllServed(process: Process): Promise<void> {
  await process.gateway.routing({ fresh: true });
  const body = { model: "instant", messages: [{ role: "user", content: "Hi" }] };
  const asApp = { authorization: "", "x-gateway-secret": appSecret, "x-app-id": "an-app" };
  for (const headers of [{}, asApp]) {
    expect((await postChat(process.url, key, body, { headers })).status).toBe(200);
    // The provider's credentials were decrypted.
    expect(upstream.requests.at(-1)?.headers.authorization).toBe(`Bearer ${seeded.canary}`);
  }
  expect(await readAdminToken(db, process.hashSecret, token)).toMatchObject({ name: "token", role: "admin" });
  expect(await readActor(db, { sessionId: session })).toMatchObject({ email: "ada@example.com" });
  expect(await readActor(db, { sessionId: await sessionAt(process) })).toMatchObject({
    name: expect.anything(),
  });
  expect(await admitted({ sub: "ada" })).toMatchObject({ email: "ada@example.com" });
}

/** How many values are not sealed with the new key. */
async function notSealedAnew(): Promise<number> {
  let count = 0;
  for (const { table, column } of SEALED_COLUMNS) {
    const header = sealHeader(after);
    const name = sql.identifier(column.name);
    const [row] = await db.execute<{ n: number }>(
      sql`SELECT count(*)::int AS n FROM ${table} WHERE substring(${name} from 1 for 9) <> ${header}`,
    );
    count += row?.n ?? 0;
  }
  return count;
}

const credentialsOf = async (id: string) => {
  const [row] = await db.select().from(providers).where(eq(providers.id, id));
  return row?.credentials ?? Buffer.alloc(0);
};
const newProvider = { type: "openai", credentials: { api_key: "sk-1" } };

describe("a rotation of ENCRYPTION_KEY", () => {
  let both: Process;
  let alone: Process;

  test("needs nothing at first: processes with the old and with both keys serve side by side", async () => {
    await expectAllServed(old);
    both = await start(BOTH);
    await expectAllServed(both);
    await expectAllServed(old);
    // What one seals, the other opens.
    const { id } = await createProvider(both.ctx, { name: "sealed-before", ...newProvider });
    expect(isSealedWith(await credentialsOf(id), before)).toBe(true);
    await updateProvider(old.ctx, { id, credentials: { api_key: "sk-2" } });
    await createProvider(both.ctx, {
      name: "with-headers",
      type: "openai-compatible",
      base_url: "https://api.example.com/v1",
      settings: { headers: { "x-team": "secret" } },
    });
    await runOnce(both.ctx, { key: "once", fingerprint: Buffer.alloc(32) }, async () => ({
      status: 201,
      body: '{"secret":"s"}',
    }));
    const first = await createKey(both.ctx, { name: "other", organization_id: seeded.ids.organization });
    expect((await postChat(old.url, first.key, { model: "instant", messages: [] })).status).not.toBe(401);
  });

  test("changes nothing at a process without the new key", async () => {
    expect(await rotateEncryptionKey(old.ctx)).toEqual({
      done: true,
      resealed: {},
      unreadable: {},
      has_previous_key: false,
    });
  });

  test("moves all processes to the new key with its first step, and may end after it", async () => {
    const [first] = SEALED_COLUMNS;
    if (first === undefined) throw new Error("nothing is sealed");
    await db.transaction((tx) => resealBatch(tx, first, BOTH, null));
    await expectAllServed(old);
    await expectAllServed(both);
    const { id } = await createProvider(both.ctx, { name: "sealed-during", ...newProvider });
    expect(isSealedWith(await credentialsOf(id), after)).toBe(true);
    await expect(createProvider(old.ctx, { name: "refused", ...newProvider })).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("restart it with the current key"),
    });
  });

  test("loses nothing when it ends in the middle of a step", async () => {
    const [, credentials] = SEALED_COLUMNS;
    if (credentials === undefined) throw new Error("no credentials are sealed");
    const left = await notSealedAnew();
    const killed = db.transaction(async (tx) => {
      expect(await resealBatch(tx, credentials, BOTH, null)).toMatchObject({ unreadable: 0, last: null });
      throw new Error("killed");
    });
    await expect(killed).rejects.toThrow("killed");
    expect(await notSealedAnew()).toBe(left);
    expect(await rotate(both.ctx, -1)).toMatchObject({ done: false, resealed: {} });
    await expectAllServed(old);
  });

  test("seals everything anew, by several at once, and changes no route", async () => {
    const [{ version } = { version: 0 }] = await database.sql`SELECT version FROM routing_state`;
    const answers = await Promise.all([rotateEncryptionKey(both.ctx), rotateEncryptionKey(both.ctx)]);
    const total = (column: string) => answers.reduce((sum, { resealed }) => sum + (resealed[column] ?? 0), 0);
    expect(answers.map(({ done }) => done)).toEqual([true, true]);
    // The seeded provider's, and that of the first test.
    expect(total("providers.credentials")).toBe(2);
    expect(total("providers.headers")).toBe(1);
    expect(total("idempotency_keys.answer")).toBe(1);
    expect(await notSealedAnew()).toBe(0);
    const [{ version: now } = { version: 0 }] = await database.sql`SELECT version FROM routing_state`;
    expect(now).toBe(version);
    const audits = await db
      .select()
      .from(auditLog)
      .where(eq(auditLog.action, "installation.rotate_encryption_key"));
    expect(audits[0]).toMatchObject({ subjectType: "installation", organizationId: null });
  });

  test("leaves everything working, at processes with any of the keys", async () => {
    await expectAllServed(both);
    // It goes on with what it opened before.
    await expectAllServed(old);
    alone = await start(NEW);
    await expectAllServed(alone);
    // A replay is opened, and then judged like a first call.
    const judged = runOnce(alone.ctx, { key: "once", fingerprint: Buffer.alloc(32) }, async () => {
      throw new Error("judged");
    });
    await expect(judged).rejects.toThrow("judged");
    await expect(
      runOnce(old.ctx, { key: "once", fingerprint: Buffer.alloc(32) }, async () => ({
        status: 201,
        body: "",
      })),
    ).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("ENCRYPTION_KEY") });
  });

  test("has nothing to do when it is repeated, also without the key before", async () => {
    const nothing = { done: true, resealed: {}, unreadable: {} };
    expect(await rotateEncryptionKey(both.ctx)).toEqual({ ...nothing, has_previous_key: true });
    expect(await rotateEncryptionKey(alone.ctx)).toEqual({ ...nothing, has_previous_key: false });
  });

  test("is refused by a process with the old key, which does not start again either", async () => {
    await expect(rotateEncryptionKey(old.ctx)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("neither ENCRYPTION_KEY in use"),
    });
    await expect(start(OLD)).rejects.toThrow("encrypted with another ENCRYPTION_KEY");
  });

  test("names what neither key opens, and leaves it as it is", async () => {
    const lost = await createProvider(
      { ...old.ctx, actor: SYSTEM, config: both.ctx.config },
      {
        name: "lost",
        ...newProvider,
      },
    );
    const damaged = Buffer.alloc(64, 3);
    await db.update(providers).set({ credentials: damaged }).where(eq(providers.id, lost.id));
    expect(await rotateEncryptionKey(both.ctx)).toMatchObject({
      done: true,
      unreadable: { "providers.credentials": 1 },
    });
    expect(await credentialsOf(lost.id)).toEqual(damaged);
  });
});

test("more rows than a batch are sealed anew, past those that are unreadable", async () => {
  const { ctx } = await start(BOTH);
  const [, , , answers] = SEALED_COLUMNS;
  expect(answers && getTableName(answers.table)).toBe("idempotency_keys");
  await database.sql`
    INSERT INTO idempotency_keys (actor_id, key, fingerprint, status, answer)
    SELECT 'many', n::text, '', 201, decode(repeat('09', 64), 'hex') FROM generate_series(1, 150) AS n`;
  expect(await rotateEncryptionKey(ctx)).toMatchObject({
    done: true,
    unreadable: { "idempotency_keys.answer": 150 },
  });
});
