import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { ioOfProcess } from "#lib/cli/io";
import { buildProgram } from "#lib/cli/program";
import { cliEnvironment } from "#lib/config/cli-environment";
import { bashScript } from "./bash";
import { fishScript } from "./fish";
import { completionTree } from "./tree";
import { zshScript } from "./zsh";

const places = completionTree(buildProgram(ioOfProcess(cliEnvironment({}))).program);

/** A file with a script: scripts are longer than an argument may be. */
function scriptFile(script: string): string {
  const folder = mkdtempSync(join(tmpdir(), "tollgate-completion-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "script");
  writeFileSync(file, script);
  return file;
}

/** What bash offers for the last word. */
function inBash(...words: string[]): string[] {
  const quoted = ["tollgate", ...words].map((word) => `'${word}'`).join(" ");
  const script = `source '${scriptFile(bashScript(places))}'
COMP_WORDS=(${quoted}); COMP_CWORD=${words.length}; _tollgate; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const ran = spawnSync("bash", ["--norc", "-c", script], { encoding: "utf8" });
  expect(ran.stderr).toBe("");
  return ran.stdout.split("\n").filter((line) => line !== "");
}

describe("completion", () => {
  test("includes every command and no hidden option", () => {
    const paths = places.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining(["", "org", "org create", "user sync-expiry", "import", "chat"]),
    );
    const create = places.find(({ path }) => path === "org create");
    const flags = create?.options.flatMap((option) => option.flags) ?? [];
    expect(flags).toEqual(expect.arrayContaining(["--budget", "--period", "--json", "--url", "--help"]));
    expect(flags).not.toContain("--name");
  });

  test("offers commands and subcommands, by name or alias", () => {
    expect(inBash("o")).toEqual(["org"]);
    expect(inBash("org", "")).toEqual(expect.arrayContaining(["create", "list", "usage", "delete"]));
    expect(inBash("users", "re")).toEqual(["reset-usage"]);
  });

  test("offers options after a dash, and the choices of an option", () => {
    expect(inBash("org", "create", "--per")).toEqual(["--period"]);
    expect(inBash("org", "create", "--period", "")).toEqual(["day", "week", "month", "total"]);
    expect(inBash("completion", "f")).toEqual(["fish"]);
  });

  test("does not mistake an option's value for a command", () => {
    expect(inBash("--profile", "org", "use")).toEqual(["user"]);
    expect(inBash("--url", "")).toEqual([]);
  });

  test("offers files for a file argument", () => {
    expect(inBash("import", "package.j")).toEqual(["package.json"]);
  });

  test.skipIf(spawnSync("fish", ["--version"]).error)("offers the same in fish", () => {
    const file = scriptFile(fishScript(places));
    const inFish = (line: string) => {
      const script = `source ${JSON.stringify(file)}; complete -C ${JSON.stringify(line)}`;
      const ran = spawnSync("fish", ["--no-config", "-c", script], { encoding: "utf8" });
      expect(ran.stderr).toBe("");
      return ran.stdout.split("\n").flatMap((found) => found.split("\t")[0] || []);
    };
    expect(inFish("tollgate o")).toEqual(["org"]);
    expect(inFish("tollgate users re")).toEqual(["reset-usage"]);
    expect(inFish("tollgate org create --per")).toEqual(["--period"]);
    expect(inFish("tollgate org create --period ")).toEqual(["day", "month", "total", "week"]);
    expect(inFish("tollgate --profile org use")).toEqual(["user"]);
    expect(inFish("tollgate import package.j")).toEqual(["package.json"]);
  });

  // Checked by the shell itself where it is installed.
  test.each([
    ["bash", bashScript(places), ["-n"]],
    ["zsh", zshScript(places), ["-n"]],
    ["fish", fishScript(places), ["--no-execute"]],
  ])("prints a valid script for %s", (shell, script, args) => {
    expect(script).toContain("reset-usage");
    const ran = spawnSync(shell, [...args, scriptFile(script)], { encoding: "utf8" });
    if (ran.error === undefined) expect([ran.status, ran.stderr]).toEqual([0, ""]);
  });
});
