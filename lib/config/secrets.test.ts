import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { keptSecrets } from "./secrets";

describe("the secrets of embedded mode", () => {
  let directory = "";
  const file = () => join(directory, "secrets.json");
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "tollgate-secrets-"));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  test("are made once, all different, and the same on every later start", () => {
    const first = keptSecrets(directory);
    expect(Buffer.from(first.ENCRYPTION_KEY, "base64")).toHaveLength(32);
    expect(new Set(Object.values(first)).size).toBe(4);
    expect(keptSecrets(directory)).toEqual(first);
  });

  test("are readable to their owner only, and no half-written file is left", () => {
    keptSecrets(directory);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(readdirSync(directory)).toEqual(["secrets.json"]);
  });

  test("keep what is there when a newer version needs one more", () => {
    writeFileSync(file(), JSON.stringify({ ENCRYPTION_KEY: "kept" }));
    const secrets = keptSecrets(directory);
    expect(secrets.ENCRYPTION_KEY).toBe("kept");
    expect(keptSecrets(directory)).toEqual(secrets);
  });

  test("are never replaced because the file cannot be read: everything stored depends on them", () => {
    writeFileSync(file(), '{"ENCRYPTION_KEY": "kep');
    expect(() => keptSecrets(directory)).toThrow(/secrets\.json cannot be read .*backup/);
    expect(readFileSync(file(), "utf8")).toBe('{"ENCRYPTION_KEY": "kep');
  });
});
