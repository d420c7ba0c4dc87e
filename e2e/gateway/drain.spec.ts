import { postChat } from "#lib/testing/post-chat";
import { expect, type Gate, test } from "../fixtures";
import { startReplica } from "../replica";

function ask(gate: Gate, url: string, signal?: AbortSignal): Promise<Response> {
  const messages = [{ role: "user", content: "Hello" }];
  const body = { model: gate.model("slow-stream"), stream: true, messages };
  return postChat(`${url}/v1`, gate.seeded.apiKey, body, { signal });
}

test("SIGTERM lets requests in flight finish, settles them, and leaves nothing to sweep", async ({
  gate,
}, info) => {
  const mount = info.project.metadata.mount;
  const { organization } = gate.seeded.ids;
  await gate.sql`UPDATE organizations SET on_hang_up = 'drain' WHERE id = ${organization}`;
  const server = await startReplica(mount, gate);
  try {
    const staying = await ask(gate, server.url);
    // One client leaves; its answer is read on for its exact usage.
    const leaver = new AbortController();
    const leaving = await ask(gate, server.url, leaver.signal);
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
    await server.stop();
  }
});

test("an idle process exits at once with 0", async ({ gate }, info) => {
  const server = await startReplica(info.project.metadata.mount, gate);
  process.kill(server.pid, "SIGTERM");
  expect(await server.ended, await server.log()).toBe(0);
  await server.stop();
});
