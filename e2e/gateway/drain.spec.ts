import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, startChildServer } from "../bench/child-server";
import { expect, type Gate, test } from "../fixtures";
import { PROGRAMS } from "../start-servers";

/** One more replica of the mount, to be stopped. */
async function replica(gate: Gate, mount: "server" | "next") {
  const folder = await mkdtemp(join(tmpdir(), "tollgate-e2e-drain-"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const logFile = join(folder, "server.log");
  const server = await startChildServer({
    args: PROGRAMS[mount](port),
    port,
    readyPath: "/readyz",
    logFile,
    env: {
      PORT: String(port),
      HOST: "127.0.0.1",
      DATA_DIR: join(folder, "data"),
      DATABASE_URL: gate.databaseUrl,
      ENCRYPTION_KEY: gate.encryptionKey,
      NEXTAUTH_SECRET: randomBytes(32).toString("base64"),
      NEXTAUTH_URL: url,
    },
  });
  return {
    ...server,
    url,
    log: () => readFile(logFile, "utf8"),
    ask: (signal?: AbortSignal) =>
      fetch(`${url}/v1/chat/completions`, {
        method: "POST",
        headers: { authorization: `Bearer ${gate.seeded.apiKey}`, "content-type": "application/json" },
        body: JSON.stringify({
          model: gate.model("slow-stream"),
          stream: true,
          messages: [{ role: "user", content: "Hello" }],
        }),
        signal,
      }),
    dispose: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

test("SIGTERM lets what is in flight end, settles it, and leaves nothing to a sweep", async ({
  gate,
}, info) => {
  const mount = info.project.metadata.mount;
  const { organization } = gate.seeded.ids;
  await gate.sql`UPDATE organizations SET on_hang_up = 'drain' WHERE id = ${organization}`;
  const server = await replica(gate, mount);
  try {
    const staying = await server.ask();
    // One client leaves; its answer is read on for its exact usage.
    const leaver = new AbortController();
    const leaving = await server.ask(leaver.signal);
    await leaving.body?.getReader().read();
    leaver.abort();

    process.kill(server.pid, "SIGTERM");
    const text = await staying.text();
    expect(text.trimEnd().endsWith("data: [DONE]")).toBe(true);
    expect(await server.ended, await server.log()).toBe(0);

    const requests = [staying, leaving].map((answer) => answer.headers.get("x-request-id"));
    const rows = await gate.sql`
      SELECT status, usage_source, error_code, output_tokens::int AS output FROM ledger WHERE id = ANY (${requests}::uuid[])`;
    expect(rows).toHaveLength(2);
    for (const row of rows) expect(row).toMatchObject({ status: "settled", usage_source: "provider" });
    // It has taken its leave.
    expect(
      await gate.sql`
        SELECT id FROM instances WHERE id IN (SELECT instance_id FROM ledger WHERE id = ANY (${requests}::uuid[]))`,
    ).toHaveLength(0);
  } finally {
    await gate.sql`UPDATE organizations SET on_hang_up = 'abort' WHERE id = ${organization}`;
    await server.dispose();
  }
});

test("a process that was asked nothing ends at once, in good order", async ({ gate }, info) => {
  const server = await replica(gate, info.project.metadata.mount);
  process.kill(server.pid, "SIGTERM");
  expect(await server.ended, await server.log()).toBe(0);
  await server.dispose();
});
