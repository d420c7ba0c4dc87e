import { execFile } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { SDK_GUIDES } from "#lib/guides/sdks";
import { expect, test } from "../fixtures";

const run = promisify(execFile);
/** Within the repository, so that the programs find the SDKs. */
const FOLDER = fileURLToPath(new URL("../../test-results/guides", import.meta.url));
const ENDPOINTS: Record<string, string> = { "anthropic-node": "messages" };
/** CI has no Python. */
const guides = SDK_GUIDES.filter(({ id }) => !id.includes("python"));

for (const { id, label, code } of guides) {
  test(`the program for ${label} prints an answer, and is one exact row`, async ({ gate }, { project }) => {
    const program = code({ origin: gate.url, apiKey: gate.seeded.apiKey, model: gate.model("simulated") });
    const folder = join(FOLDER, `${project.name}-${id}`);
    mkdirSync(folder, { recursive: true });
    const file = join(folder, id === "curl" ? "request.sh" : "program.mjs");
    writeFileSync(file, program);
    const [latest] = await gate.sql`SELECT max(id::text) AS id FROM ledger`;
    const { stdout } = await run(id === "curl" ? "sh" : process.execPath, [file], { timeout: 60_000 });
    rmSync(folder, { recursive: true });
    expect(stdout).toContain("This is a simulated answer.");
    const rows = await gate.sql`
      SELECT endpoint, status, usage_source, cost_usd, input_tokens, output_tokens
      FROM ledger WHERE id::text > ${latest?.id ?? ""} AND api_key_id = ${gate.seeded.ids.apiKey}`;
    const endpoint = ENDPOINTS[id] ?? "chat/completions";
    expect(rows).toMatchObject([{ endpoint, status: "settled", usage_source: "provider" }]);
    const [row] = rows;
    // $0.15 and $0.60 per million
    const cost = (Number(row?.input_tokens) * 0.15 + Number(row?.output_tokens) * 0.6) / 1e6;
    expect(Number(row?.cost_usd)).toBeCloseTo(cost, 12);
  });
}
