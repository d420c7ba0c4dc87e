import { mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { describe, expect, test } from "vitest";
import { newConfigFile } from "#lib/cli/testing/run-here";
import { readProfiles, writeProfiles } from "./store";

const saved = { current: "a", profiles: { a: { url: "https://a.example", token: "secret" } } };

describe("saved profiles", () => {
  test("are empty at first, and are read back after saving", () => {
    const file = newConfigFile();
    expect(readProfiles(file)).toEqual({ current: null, profiles: {} });
    writeProfiles(file, saved);
    expect(readProfiles(file)).toEqual(saved);
  });

  test("are readable only by their owner, and leave no other file", () => {
    const file = newConfigFile();
    writeProfiles(file, saved);
    writeProfiles(file, saved);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(file)).mode & 0o777).toBe(0o700);
    expect(readdirSync(dirname(file))).toEqual(["config.json"]);
  });

  test("that cannot be read cause an error that names the file", () => {
    const file = newConfigFile();
    mkdirSync(dirname(file));
    for (const wrong of ["{", '{"profiles": 1}', ""]) {
      writeFileSync(file, wrong);
      expect(() => readProfiles(file), wrong).toThrow(file);
    }
  });
});
