import { mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { describe, expect, test } from "vitest";
import { newConfigFile } from "#lib/cli/testing/run-here";
import { readProfiles, writeProfiles } from "./store";

const saved = { current: "a", profiles: { a: { url: "https://a.example", token: "secret" } } };

describe("saved profiles", () => {
  test("are none before the first, and what was saved after", () => {
    const file = newConfigFile();
    expect(readProfiles(file)).toEqual({ current: null, profiles: {} });
    writeProfiles(file, saved);
    expect(readProfiles(file)).toEqual(saved);
  });

  test("are for their owner's eyes only, and leave nothing beside", () => {
    const file = newConfigFile();
    writeProfiles(file, saved);
    writeProfiles(file, saved);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(file)).mode & 0o777).toBe(0o700);
    expect(readdirSync(dirname(file))).toEqual(["config.json"]);
  });

  test("that cannot be read are an error that names the file, and are not overwritten", () => {
    const file = newConfigFile();
    mkdirSync(dirname(file));
    for (const wrong of ["{", '{"profiles": 1}', ""]) {
      writeFileSync(file, wrong);
      expect(() => readProfiles(file), wrong).toThrow(file);
    }
  });
});
