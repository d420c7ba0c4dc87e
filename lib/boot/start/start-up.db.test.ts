import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { verifyPassword } from "#lib/auth/password";
import { listen } from "#lib/boot/server/listen";
import { bundlePrograms, type Program, type Programs } from "#lib/boot/testing/programs";
import { seal } from "#lib/config/seal";
import { readPidFile } from "#lib/db/embedded/pid-file";
import { processState } from "#lib/db/embedded/processes";
import { installationSecrets } from "#lib/db/schema/identity";
import { placeIn } from "#lib/db/schema/sealed-columns";
import { createTestDatabase, type TestDatabase } from "#lib/db/testing/test-database";

const SECRETS = {
  NEXTAUTH_SECRET: "0123456789abcdef0123456789abcdef",
  ENCRYPTION_KEY: Buffer.alloc(32, 7).toString("base64"),
};

let programs: Programs;
let database: TestDatabase;
/** Empty in every test. */
let data = "";
/** The data of an installation that was started and stopped once. */
let usedData = "";
let firstOutput = "";

beforeAll(async () => {
  programs = await bundlePrograms();
  database = await createTestDatabase();
  usedData = mkdtempSync(join(tmpdir(), "tollgate-used-"));
  firstOutput = await runOnce({ DATA_DIR: usedData });
});
afterAll(async () => {
  await programs.dispose();
  await database.drop();
  rmSync(usedData, { recursive: true, force: true });
});
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), "tollgate-start-"));
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

/** The one line that a failed start prints, without the output before it. */
async function failureOf(program: Program): Promise<string> {
  expect(await program.ended).toBe(1);
  const said = program.output().trimEnd();
  return said.slice(said.indexOf("Tollgate cannot start"));
}

async function ready(program: Program): Promise<Program> {
  await vi.waitFor(() => expect(program.output()).toMatch(/^ready|cannot start/m), { timeout: 20_000 });
  expect(program.output()).toMatch(/^ready/m);
  return program;
}

async function runOnce(env: Record<string, string>, parameters: readonly string[] = []): Promise<string> {
  const program = await ready(programs.boot(env, parameters));
  program.child.kill("SIGTERM");
  expect(await program.ended).toBe(0);
  return program.output();
}

const databasePid = () => readPidFile(join(usedData, "postgres/data"))?.pid ?? 0;

describe("a failed start prints one line that says what to do, and exits with 1,", () => {
  test("when the port is in use, before it creates anything", async () => {
    const other = createServer();
    const port = await listen(other, 0, "127.0.0.1");
    const missing = join(data, "missing");
    const program = programs.server({ PORT: String(port), HOST: "127.0.0.1", DATA_DIR: missing });
    expect(await failureOf(program)).toBe(
      `Tollgate cannot start. Port ${port} is in use: stop the program that uses it, or set PORT to another port.`,
    );
    expect(existsSync(missing)).toBe(false);
    other.close();
  });

  test("when HOST is not an address of this machine", async () => {
    const program = programs.server({ PORT: "0", HOST: "203.0.113.7", DATA_DIR: data });
    expect(await failureOf(program)).toMatch(
      /^Tollgate cannot start\. HOST 203\.0\.113\.7 is not an address of this machine: .+$/,
    );
  });

  test("when the data directory cannot be written", async () => {
    const file = join(data, "file");
    writeFileSync(file, "");
    // Root may write anywhere but there.
    const unwritable = process.getuid?.() === 0 && existsSync("/sys/kernel") ? "/sys/tollgate" : file;
    const program = programs.server({ PORT: "0", DATA_DIR: unwritable });
    expect(await failureOf(program)).toMatch(
      /^Tollgate cannot start\. Cannot write to the data directory \S+ \(E\w+\): .+ DATA_DIR .+$/,
    );
  });

  test("when another Tollgate runs on the data directory", async () => {
    const first = await ready(programs.boot({ DATA_DIR: usedData }));
    const second = programs.server({ PORT: "0", DATA_DIR: usedData });
    expect(await failureOf(second)).toBe(
      `Tollgate cannot start. Tollgate already runs on ${usedData} (process ${first.child.pid}): stop it first, or set DATA_DIR to another directory.`,
    );
    first.child.kill("SIGTERM");
    expect(await first.ended).toBe(0);
  });

  test("when the database cannot be reached", async () => {
    const program = programs.server({
      PORT: "0",
      DATABASE_URL: "postgres://u:hunter2@127.0.0.1:1/x",
      ...SECRETS,
    });
    expect(await failureOf(program)).toBe(
      "Tollgate cannot start. Nothing answers at 127.0.0.1:1: start the database there, or correct DATABASE_URL.",
    );
    expect(program.output()).not.toContain("hunter2");
  });

  test("when a newer version has migrated the database", async () => {
    await database.sql`
      INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES ('of the future', 4102444800000)`;
    const program = programs.server({ PORT: "0", DATABASE_URL: database.url, ...SECRETS });
    expect(await failureOf(program)).toMatch(
      /^Tollgate cannot start\. The database was migrated by a newer Tollgate .+$/,
    );
    await database.sql`DELETE FROM drizzle.__drizzle_migrations WHERE hash = 'of the future'`;
  });

  test("when ENCRYPTION_KEY is not the one that the database is encrypted with", async () => {
    const hashing = seal(
      "{}",
      Buffer.alloc(32, 8).toString("base64"),
      placeIn(installationSecrets.hashing, 1),
    );
    await database.sql`INSERT INTO installation_secrets (hashing) VALUES (${hashing})`;
    const program = programs.server({ PORT: "0", DATABASE_URL: database.url, ...SECRETS });
    expect(await failureOf(program)).toMatch(
      /^Tollgate cannot start\. This database is encrypted with another ENCRYPTION_KEY: .+ENCRYPTION_KEY_PREVIOUS.+$/,
    );
    await database.sql`DELETE FROM installation_secrets`;
  });

  test("when a pre-release version has created the database", async () => {
    await database.sql`UPDATE drizzle.__drizzle_migrations SET created_at = created_at - 1`;
    const program = programs.server({ PORT: "0", DATABASE_URL: database.url, ...SECRETS });
    expect(await failureOf(program)).toBe(
      "Tollgate cannot start. The database was created by a pre-release version of Tollgate, whose migrations were replaced and cannot be upgraded: start with a new DATA_DIR or an empty database.",
    );
    await database.sql`UPDATE drizzle.__drizzle_migrations SET created_at = created_at + 1`;
  });

  test("when a database is given without its secrets, which it names", async () => {
    const { NEXTAUTH_SECRET, ENCRYPTION_KEY } = SECRETS;
    const without = (env: Record<string, string>) =>
      failureOf(programs.server({ PORT: "0", DATABASE_URL: database.url, ...env }));
    expect(await without({ NEXTAUTH_SECRET })).toMatch(
      /^Tollgate cannot start\. In the environment, ENCRYPTION_KEY: .+$/,
    );
    expect(await without({ ENCRYPTION_KEY })).toMatch(
      /^Tollgate cannot start\. In the environment, NEXTAUTH_SECRET: .+$/,
    );
  });

  test("when postgres.js is not patched", async () => {
    mkdirSync(join(data, "drizzle/meta"), { recursive: true });
    writeFileSync(join(data, "drizzle/meta/_journal.json"), "{}");
    for (const sources of ["src", "cjs/src"]) {
      const folder = join(data, "node_modules/postgres", sources);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, "connection.js"), "  function execute(q) {\n    if (terminated)\n");
    }
    writeFileSync(join(data, "node_modules/postgres/package.json"), '{"version": "3.4.9"}');
    expect(await failureOf(programs.boot({ DATA_DIR: join(data, "missing") }, [], data))).toMatch(
      /^Tollgate cannot start\. postgres\.js is missing a required patch .* run npm run build.*$/,
    );
    expect(existsSync(join(data, "missing"))).toBe(false);
  });

  test("when DEFAULT_MODEL names no model", async () => {
    const program = programs.boot({ DATA_DIR: usedData, DEFAULT_MODEL: "gone" });
    expect(await failureOf(program)).toBe(
      'Tollgate cannot start. DEFAULT_MODEL: there is no model "gone". Set it to the name or alias of one, or start without it and create the model.',
    );
  });

  test("when a variable is wrong", async () => {
    const program = programs.server({ PORT: "many", DATA_DIR: data });
    expect(await failureOf(program)).toBe(
      "Tollgate cannot start. In the environment, PORT: must be a whole number.",
    );
  });

  test("when an option is unknown", async () => {
    expect(await failureOf(programs.server({ PORT: "0", DATA_DIR: data }, ["--dmeo"]))).toBe(
      "Tollgate cannot start. Unknown option --dmeo: use --demo or --dev.",
    );
  });
});

describe("an embedded start", () => {
  test("creates secrets and an administrator once", async () => {
    const { email, password } = JSON.parse(firstOutput.slice("ready ".length));
    expect(email).toBe("admin@tollgate.local");
    const secrets = readFileSync(join(usedData, "secrets.json"), "utf8");
    expect(statSync(join(usedData, "secrets.json")).mode & 0o777).toBe(0o600);

    const second = await ready(programs.boot({ DATA_DIR: usedData }));
    expect(second.output()).toBe("ready null\n");
    expect(readFileSync(join(usedData, "secrets.json"), "utf8")).toBe(secrets);
    const sql = await connectTo(usedData);
    const [user] = await sql<
      { password_hash: string; role: string }[]
    >`SELECT a.password_hash, u.role FROM users u JOIN accounts a ON a.id = u.account_id
      WHERE a.email = ${email} AND a.email_confirmed_at IS NOT NULL`;
    const [audit] = await sql`SELECT action, actor_id, after FROM audit_log`;
    await sql.end();
    expect(user?.role).toBe("admin");
    expect(await verifyPassword(password, user?.password_hash ?? null)).toBe(true);
    expect(audit).toEqual({ action: "user.create", actor_id: "system", after: { email, role: "admin" } });
    second.child.kill("SIGTERM");
    await second.ended;
  });

  test("leaves no database process and no lock when it is stopped", async () => {
    const program = await ready(programs.boot({ DATA_DIR: usedData }));
    const pid = databasePid();
    program.child.kill("SIGTERM");
    expect(await program.ended).toBe(0);
    // It may still be a zombie, until its new parent reaps it.
    expect(processState(pid)).not.toBe("running");
    expect(existsSync(join(usedData, "lock"))).toBe(false);
  });

  test("of a demo prints the same sign-in every time while it works", async () => {
    const first = await runOnce({ DATA_DIR: data }, ["--demo"]);
    expect(first).toMatch(/^ready {"email":"admin@tollgate.local","password":"[a-z2-9-]{23}"}/);
    expect(await runOnce({ DATA_DIR: data }, ["--demo"])).toBe(first);
    expect(await runOnce({ DATA_DIR: data })).toBe("ready null\n");
    expect(await runOnce({ DATA_DIR: usedData }, ["--demo"])).toBe("ready null\n");
  });

  test("recovers after a start that was killed", async () => {
    const killed = await ready(programs.boot({ DATA_DIR: usedData }));
    killed.child.kill("SIGKILL");
    await killed.ended;
    expect(existsSync(join(usedData, "lock"))).toBe(true);
    expect(await runOnce({ DATA_DIR: usedData })).toBe("ready null\n");
  });

  test("happens once when two start at the same moment", async () => {
    const both = [programs.boot({ DATA_DIR: usedData }), programs.boot({ DATA_DIR: usedData })];
    await expect
      .poll(() => both.map((program) => program.output()).join(""), { timeout: 20_000 })
      .toMatch(/^ready/m);
    const loser = await Promise.race(both.map((program) => program.ended.then(() => program)));
    expect(await failureOf(loser)).toMatch(/already runs on/);
    const winner = both.find((program) => program !== loser);
    winner?.child.kill("SIGTERM");
    expect(await winner?.ended).toBe(0);
  });
});

describe("with an external database", () => {
  test("nothing is stored on disk, and replicas that start together create one administrator", async () => {
    const env = {
      DATABASE_URL: database.url,
      DATA_DIR: join(data, "missing"),
      ADMIN_PASSWORD: "correct horse",
      ...SECRETS,
    };
    const replicas = [programs.boot(env), programs.boot(env), programs.boot(env)];
    for (const replica of replicas) await ready(replica);
    expect(replicas[0]?.output()).not.toContain("correct horse");
    const made = replicas.filter((replica) => !replica.output().includes("ready null"));
    expect(made).toHaveLength(1);
    const [row] = await database.sql`SELECT count(*)::int AS count FROM users WHERE role = 'admin'`;
    expect(row?.count).toBe(1);
    expect(existsSync(join(data, "missing"))).toBe(false);
    for (const { child, ended } of replicas) {
      child.kill("SIGTERM");
      expect(await ended).toBe(0);
    }
  });
});

async function connectTo(directory: string): Promise<postgres.Sql> {
  const password = readFileSync(join(directory, "postgres/password"), "utf8").trim();
  const lines = readFileSync(join(directory, "postgres/data/postmaster.pid"), "utf8").split("\n");
  return postgres(`postgres://tollgate:${password}@127.0.0.1:${lines[3]}/tollgate`, { max: 1 });
}
