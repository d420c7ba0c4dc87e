import { cpSync, existsSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { linkLibraries } from "./binaries";

describe("the links to PostgreSQL's libraries, which are missing if install scripts are disabled", () => {
  let root = "";
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "tollgate-links-"));
    mkdirSync(join(root, "native/lib"), { recursive: true });
    writeFileSync(join(root, "native/lib/libpq.so.5.18"), "");
    const links = [{ source: "native/lib/libpq.so.5.18", target: "native/lib/libpq.so.5" }];
    writeFileSync(join(root, "native/pg-symlinks.json"), JSON.stringify(links));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  test("are created once, in the package", () => {
    expect(linkLibraries(join(root, "native"), join(root, "elsewhere"))).toBeUndefined();
    expect(readlinkSync(join(root, "native/lib/libpq.so.5"))).toBe("libpq.so.5.18");
    expect(linkLibraries(join(root, "native"), join(root, "elsewhere"))).toBeUndefined();
    expect(existsSync(join(root, "elsewhere"))).toBe(false);
  });

  test("are created elsewhere, with a library path, if the package is read-only", () => {
    const failReadOnly = () => {
      throw Object.assign(new Error("read-only"), { code: "EROFS" });
    };
    cpSync(join(root, "native"), join(root, "again/native"), { recursive: true });
    expect(linkLibraries(join(root, "native"), join(root, "elsewhere"), failReadOnly)).toBe(
      `${root}/elsewhere:${root}/native/lib`,
    );
    expect(readlinkSync(join(root, "elsewhere/libpq.so.5"))).toBe(join(root, "native/lib/libpq.so.5.18"));
    linkLibraries(join(root, "again/native"), join(root, "elsewhere"), failReadOnly);
    expect(readlinkSync(join(root, "elsewhere/libpq.so.5"))).toBe(
      join(root, "again/native/lib/libpq.so.5.18"),
    );
  });

  test("are not needed on a platform without a list of links", () => {
    rmSync(join(root, "native/pg-symlinks.json"));
    expect(linkLibraries(join(root, "native"), join(root, "elsewhere"))).toBeUndefined();
  });
});
