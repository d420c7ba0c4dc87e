import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { startTestServer } from "#lib/cli/testing/test-server";
import { cliEnvironment } from "#lib/config/cli-environment";

const { server, run: runCommand } = await startTestServer();
let home: string;
beforeEach(() => {
  server.clear();
  for (const name of ["demo-fast", "demo-smart"]) server.rows("models").push({ id: name, name });
  server.rows("api-keys").push({ id: "key", secret: "tg_live_x" });
  home = mkdtempSync(join(tmpdir(), "tollgate-home-"));
});
const run = (...args: string[]) => runCommand(["configure", ...args], { home, apiKey: "tg_live_x" });
const read = (file: string) => readFileSync(join(home, file), "utf8");
const mode = (file: string) => statSync(join(home, file)).mode & 0o777;

const CLAUDE = ".claude/settings.json";
const env = (url: string, model = "demo-fast") => ({
  ANTHROPIC_BASE_URL: url,
  ANTHROPIC_AUTH_TOKEN: "tg_live_x",
  ANTHROPIC_MODEL: model,
  ANTHROPIC_DEFAULT_HAIKU_MODEL: model,
});

describe("tollgate configure", () => {
  test("prints the settings, and the file that they belong in, and writes nothing", async () => {
    const { code, out, err } = await run("claude");
    expect([code, JSON.parse(out)]).toEqual([0, { env: env(server.url) }]);
    expect(err).toContain(join(home, CLAUDE));
    expect(existsSync(join(home, ".claude"))).toBe(false);
    expect((await run("cursor")).out).toContain(`${server.url}/v1`);
  });

  test("takes the model that is asked for, if the key may use it", async () => {
    expect(JSON.parse((await run("claude", "--model", "demo-smart")).out)).toEqual({
      env: env(server.url, "demo-smart"),
    });
    const { code, err } = await run("claude", "--model", "gpt-9", "--write");
    expect([code, err]).toEqual([4, expect.stringContaining("demo-fast, demo-smart")]);
    server.rows("models").length = 0;
    expect((await run("codex")).err).toContain("no allowed models");
    expect(existsSync(join(home, ".claude"))).toBe(false);
  });

  test("writes files that only their owner can read", async () => {
    await run("claude", "--write");
    await run("codex", "--write");
    await run("opencode", "--write");
    expect(JSON.parse(read(CLAUDE))).toEqual({ env: env(server.url) });
    expect(read(".codex/tollgate.config.toml")).toBe(
      [
        'model = "demo-fast"',
        'model_provider = "tollgate"',
        "",
        "[model_providers.tollgate]",
        'name = "Tollgate"',
        `base_url = "${server.url}/v1"`,
        'wire_api = "responses"',
        'experimental_bearer_token = "tg_live_x"',
        "",
      ].join("\n"),
    );
    expect(JSON.parse(read("opencode/opencode.json"))).toMatchObject({
      model: "tollgate/demo-fast",
      provider: {
        tollgate: {
          options: { baseURL: `${server.url}/v1`, apiKey: "tg_live_x" },
          // Without both, opencode sends no pictures.
          models: { "demo-fast": { attachment: true, modalities: { input: ["text", "image", "pdf"] } } },
        },
      },
    });
    for (const file of [CLAUDE, ".codex/tollgate.config.toml", "opencode/opencode.json"]) {
      expect(mode(file), file).toBe(0o600);
    }
  });

  test("keeps other settings, and every version of the file as a backup", async () => {
    mkdirSync(join(home, ".claude"));
    const first = {
      theme: "dark",
      env: { FOO: "1", ANTHROPIC_MODEL: "old" },
      permissions: { allow: ["Bash"] },
    };
    writeFileSync(join(home, CLAUDE), JSON.stringify(first));
    chmodSync(join(home, CLAUDE), 0o644);
    const { err } = await run("claude", "--write");
    expect(err).toContain(join(home, `${CLAUDE}.backup`));
    expect(JSON.parse(read(CLAUDE))).toEqual({ ...first, env: { FOO: "1", ...env(server.url) } });
    expect(JSON.parse(read(`${CLAUDE}.backup`))).toEqual(first);
    await run("claude", "--model", "demo-smart", "--write");
    expect(JSON.parse(read(`${CLAUDE}.backup`))).toEqual(first);
    expect(JSON.parse(read(`${CLAUDE}.backup-2`)).env).toMatchObject(env(server.url));
    for (const file of [CLAUDE, `${CLAUDE}.backup`, `${CLAUDE}.backup-2`]) expect(mode(file)).toBe(0o600);
    await run("claude", "--model", "demo-smart", "--write");
    expect(existsSync(join(home, `${CLAUDE}.backup-3`))).toBe(false);
  });

  test.each(["{ // a comment\n}", "[]", '{"env": '])("changes nothing in a file like %s", async (text) => {
    mkdirSync(join(home, ".claude"));
    writeFileSync(join(home, CLAUDE), text);
    const { code, err } = await run("claude", "--write");
    expect([code, err]).toEqual([1, expect.stringContaining("not a plain JSON object")]);
    expect(read(CLAUDE)).toBe(text);
    expect(existsSync(join(home, `${CLAUDE}.backup`))).toBe(false);
  });

  test("writes through a link, as people keep their settings elsewhere", async () => {
    mkdirSync(join(home, ".claude"));
    writeFileSync(join(home, "dotfiles.json"), "{}");
    symlinkSync(join(home, "dotfiles.json"), join(home, CLAUDE));
    await run("claude", "--write");
    expect(JSON.parse(read("dotfiles.json"))).toEqual({ env: env(server.url) });
  });

  test("rejects what it cannot do, and says what to do", async () => {
    expect((await run("emacs")).code).toBe(2);
    expect(await run("cursor", "--write")).toMatchObject({
      code: 2,
      err: expect.stringContaining("--write"),
    });
    const keyless = await runCommand(["configure", "codex"], { home });
    expect(keyless).toMatchObject({ code: 3, err: expect.stringContaining("key create") });
  });

  test("prints JSON for scripts", async () => {
    const { out } = await run("codex", "--json");
    const file = join(home, ".codex/tollgate.config.toml");
    expect(JSON.parse(out)).toEqual({ agent: "codex", file, settings: expect.stringContaining("tg_live_x") });
    expect(JSON.parse((await run("codex", "--write", "--json")).out)).toEqual({
      agent: "codex",
      file,
      backup: null,
    });
  });
});

test("the agents' own variables move their directories", () => {
  expect(cliEnvironment({}, "/home/ada").agentDirectories).toEqual({
    claude: "/home/ada/.claude",
    codex: "/home/ada/.codex",
    opencode: "/home/ada/.config/opencode",
  });
  const moved = { CLAUDE_CONFIG_DIR: "/c", CODEX_HOME: "/x", XDG_CONFIG_HOME: "/o" };
  expect(cliEnvironment(moved, "/home/ada").agentDirectories).toEqual({
    claude: "/c",
    codex: "/x",
    opencode: "/o/opencode",
  });
});
