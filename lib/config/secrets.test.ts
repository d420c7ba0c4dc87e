import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { dataDirectorySecrets } from "./secrets";

describe("the secrets of embedded mode", () => {
  let directory = "";
  const file = () => join(directory, "secrets.json");
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "tollgate-secrets-"));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  test("are generated once, all different, and stay the same", () => {
    const first = dataDirectorySecrets(directory);
    expect(Buffer.from(first.ENCRYPTION_KEY, "base64")).toHaveLength(32);
    expect(new Set(Object.values(first)).size).toBe(4);
    expect(dataDirectorySecrets(directory)).toEqual(first);
  });

  test("are readable only by their owner, without a temporary file left behind", () => {
    dataDirectorySecrets(directory);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(readdirSync(directory)).toEqual(["secrets.json"]);
  });

  test("keep existing ones when a newer version needs one more", () => {
    writeFileSync(file(), JSON.stringify({ ENCRYPTION_KEY: "kept" }));
    const secrets = dataDirectorySecrets(directory);
    expect(secrets.ENCRYPTION_KEY).toBe("kept");
    expect(dataDirectorySecrets(directory)).toEqual(secrets);
  });

  test("are not replaced when the file cannot be read", () => {
    writeFileSync(file(), '{"ENCRYPTION_KEY": "kep');
    expect(() => dataDirectorySecrets(directory)).toThrow(
      /Cannot read the secrets in .*secrets\.json .*backup/,
    );
    expect(readFileSync(file(), "utf8")).toBe('{"ENCRYPTION_KEY": "kep');
  });
});
