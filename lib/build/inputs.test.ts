import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { digestOfInputs } from "./inputs";

describe("npm start builds again", () => {
  let root = "";
  let built = "";
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "tollgate-inputs-"));
    mkdirSync(join(root, "lib/room"), { recursive: true });
    writeFileSync(join(root, "lib/room/a.ts"), "one");
    writeFileSync(join(root, "package.json"), "{}");
    built = digestOfInputs(root);
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  test("when a source, a file name or a dependency changes, or a file is added", () => {
    writeFileSync(join(root, "lib/room/a.ts"), "two");
    const changed = digestOfInputs(root);
    writeFileSync(join(root, "lib/room/b.ts"), "");
    const added = digestOfInputs(root);
    renameSync(join(root, "lib/room/b.ts"), join(root, "lib/room/c.ts"));
    const renamed = digestOfInputs(root);
    writeFileSync(join(root, "package.json"), '{"dependencies": {}}');
    const depending = digestOfInputs(root);
    expect(new Set([built, changed, added, renamed, depending]).size).toBe(5);
  });

  test("not when only a test, a modification time or the folder changes", () => {
    writeFileSync(join(root, "lib/room/a.test.ts"), "a test");
    utimesSync(join(root, "lib/room/a.ts"), new Date(), new Date());
    expect(digestOfInputs(root)).toBe(built);
    const copy = `${root}-copy`;
    cpSync(root, copy, { recursive: true });
    expect(digestOfInputs(copy)).toBe(built);
    rmSync(copy, { recursive: true });
  });

  test("not when a file changes that no build reads", () => {
    mkdirSync(join(root, "docs"));
    writeFileSync(join(root, "docs/page.md"), "words");
    expect(digestOfInputs(root)).toBe(built);
  });
});
