import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { childEnvironment } from "#lib/config/child-environment";
import { mailServerOfFile } from "#lib/services/mail/testing/mail-server";
import { ENCRYPTION_KEY } from "#lib/services/testing/context";
import { receiverOfFile } from "#lib/services/webhooks/testing/receiver";
import { webhookWorldOfFile } from "#lib/services/webhooks/testing/webhook-world";
import { bundleProgram } from "#lib/testing/bundle-program";

const world = await webhookWorldOfFile();
const sql = world.db.$client;
const receiver = await receiverOfFile();
const mailServer = await mailServerOfFile();
const directory = mkdtempSync(join(tmpdir(), "tollgate-deliver-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Makes a run of the delivery job for each line that it is given, or tests a webhook. */
const PROGRAM = `
  import { createInterface } from "node:readline";
  import { config } from "#lib/config/config";
  import { controlDb } from "#lib/db/client";
  import { deliver } from "#lib/jobs/deliver";
  import { testWebhook } from "#lib/services/webhooks/test-webhook";
  const actor = { kind: "token", id: "t", name: "t", role: "admin", organizationId: null };
  const ctx = () => ({ db: controlDb(), actor, config: config() });
  createInterface({ input: process.stdin }).on("line", async (line) => {
    await (line === "deliver" ? deliver() : testWebhook(ctx(), { id: line }));
    process.stdout.write("done\\n");
  });`;

/** A process that delivers as a gateway does. */
function startProcess(program: string) {
  const child = spawn(process.execPath, [program], {
    env: childEnvironment({
      DATABASE_URL: world.databaseUrl,
      NEXTAUTH_SECRET: "x".repeat(16),
      ENCRYPTION_KEY,
      ALLOW_PRIVATE_WEBHOOKS: "true",
      SMTP_URL: mailServer.url,
      LOG_LEVEL: "silent",
    }),
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = once(child, "close");
  return {
    begin: (line: string) => child.stdin.write(`${line}\n`),
    deliver: async () => {
      child.stdin.write("deliver\n");
      await once(child.stdout, "data");
    },
    kill: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

const deliveries = () => sql`SELECT type, status, attempts, error FROM webhook_deliveries ORDER BY type`;
const mails = () => sql`SELECT status, attempts FROM mails`;
const sentIds = () => receiver.received.map(({ headers }) => headers["webhook-id"]);
const messageIds = () => mailServer.delivered.map(({ source }) => /^Message-ID: (.*)$/im.exec(source)?.[1]);

test("what a killed process was sending is sent by another one under the same ids, and nothing is left", async () => {
  const program = await bundleProgram(directory, "deliver", { code: PROGRAM });
  const { id: webhookId } = await world.create(receiver.url);
  const eventId = await world.happen();
  receiver.answer(() => {});
  const mailArrived = new Promise<void>((resolve) => mailServer.stall(resolve));

  const dying = startProcess(program);
  dying.begin("deliver");
  dying.begin(webhookId);
  await mailArrived;
  await expect.poll(() => receiver.received.length).toBe(2);
  await dying.kill();
  const [testId] = sentIds().filter((id) => id !== eventId);
  expect(await deliveries()).toMatchObject([
    { type: "key.expiring", status: "pending", attempts: 1 },
    { type: "webhook.test", status: "pending", attempts: 1 },
  ]);
  expect(await mails()).toMatchObject([{ status: "pending", attempts: 1 }]);

  receiver.answer(204);
  mailServer.stall(null);
  const other = startProcess(program);
  // Until the lease ends, the first one may be alive.
  await other.deliver();
  expect([sentIds().length, messageIds().length]).toEqual([2, 1]);
  await sql`UPDATE webhook_deliveries SET next_attempt_at = next_attempt_at - interval '60 seconds'`;
  await sql`UPDATE mails SET next_attempt_at = next_attempt_at - interval '300 seconds'`;
  await other.deliver();
  await other.kill();

  expect(sentIds().sort()).toEqual([eventId, eventId, testId].sort());
  expect(await deliveries()).toEqual([
    { type: "key.expiring", status: "delivered", attempts: 2, error: null },
    {
      type: "webhook.test",
      status: "failed",
      attempts: 1,
      error: "The process ended before the attempt did.",
    },
  ]);
  expect(await mails()).toMatchObject([{ status: "sent", attempts: 2 }]);
  const [first, second] = messageIds();
  expect([first, mailServer.delivered.length]).toEqual([second, 2]);
});
