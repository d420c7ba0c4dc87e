import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { childEnvironment } from "#lib/config/child-environment";
import { openWithAny, seal, sealHeader } from "#lib/config/seal";
import { idempotencyKeys } from "#lib/db/schema/identity";
import { placeIn } from "#lib/db/schema/sealed-columns";
import { databaseOfFile } from "#lib/db/testing/test-database";
import { testContext } from "#lib/services/testing/context";
import { bundleProgram } from "#lib/testing/bundle-program";
import { rotateEncryptionKey } from "./rotate-encryption-key";

const database = await databaseOfFile();
const { sql } = database;
const db = database.control(2);
const directory = mkdtempSync(join(tmpdir(), "tollgate-rotation-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const ROWS = 4_000;
const PROGRAM = `
  import { controlDb } from "#lib/db/client";
  import { rotateEncryptionKey } from "#lib/services/encryption-key/rotate-encryption-key";
  const { ENCRYPTION_KEY, ENCRYPTION_KEY_PREVIOUS } = process.env;
  const actor = { kind: "token", id: "t", name: "t", role: "admin", organizationId: null };
  await rotateEncryptionKey({ db: controlDb(), actor, config: { ENCRYPTION_KEY, ENCRYPTION_KEY_PREVIOUS } });`;

test("a rotation that is killed leaves every value readable, and the next one completes it", async () => {
  const [before, after] = [randomBytes(32).toString("base64"), randomBytes(32).toString("base64")];
  const keys = { ENCRYPTION_KEY: after, ENCRYPTION_KEY_PREVIOUS: before };
  await sql`
    INSERT INTO idempotency_keys (actor_id, key, fingerprint, status)
    SELECT 'a', n::text, '', 201 FROM generate_series(1, ${ROWS}) AS n`;
  const ids = await sql<{ id: number }[]>`SELECT id::int FROM idempotency_keys`;
  const sealed = ids.map(({ id }) => seal(`answer ${id}`, before, placeIn(idempotencyKeys.answer, id)));
  const [rowIds, texts] = [ids.map(({ id }) => id), sealed.map((bytes) => bytes.toString("hex"))];
  await sql`
    UPDATE idempotency_keys SET answer = decode(given.sealed, 'hex')
    FROM unnest(${rowIds}::int[], ${texts}::text[]) AS given (row_id, sealed) WHERE id = given.row_id`;
  const sealedAnew = async () => {
    const [row] = await sql<{ n: number }[]>`
      SELECT count(*)::int AS n FROM idempotency_keys WHERE substring(answer FROM 1 FOR 9) = ${sealHeader(after)}`;
    return row?.n ?? 0;
  };
  const expectAllReadable = async (with_: typeof keys | { ENCRYPTION_KEY: string }) => {
    const rows = await sql<{ id: number; answer: Buffer }[]>`SELECT id::int, answer FROM idempotency_keys`;
    for (const { id, answer } of rows) {
      expect(openWithAny(answer, with_, placeIn(idempotencyKeys.answer, id))).toBe(`answer ${id}`);
    }
    expect(rows).toHaveLength(ROWS);
  };

  const program = await bundleProgram(directory, "rotate", { code: PROGRAM });
  const child = spawn(process.execPath, [program], {
    env: childEnvironment({
      DATABASE_URL: database.url,
      NEXTAUTH_SECRET: "x".repeat(16),
      LOG_LEVEL: "silent",
      ...keys,
    }),
    stdio: "inherit",
  });
  const ended = once(child, "close");
  await vi.waitFor(async () => expect(await sealedAnew()).toBeGreaterThan(0), {
    timeout: 20_000,
    interval: 2,
  });
  child.kill("SIGKILL");
  await ended;
  const done = await sealedAnew();
  expect(done).toBeGreaterThan(0);
  expect(done).toBeLessThan(ROWS);
  await expectAllReadable(keys);

  const ctx = testContext(db);
  const answer = await rotateEncryptionKey({ ...ctx, config: { ...ctx.config, ...keys } });
  expect(answer).toMatchObject({ done: true, resealed: { "idempotency_keys.answer": ROWS - done } });
  await expectAllReadable({ ENCRYPTION_KEY: after });
});
