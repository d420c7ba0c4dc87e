// @own-process: it writes to the stdout of its process.
import { mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { openLogFile, writeLines } from "./log-output";

const folder = mkdtempSync(join(tmpdir(), "tollgate-log-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = join(folder, "logs", "tollgate.log");
const fail = (error: Error) => expect.unreachable(error.message);
const isIn = (file: string, text: string) =>
  vi.waitFor(() => expect(readFileSync(file, "utf8")).toBe(text), { timeout: 10_000 });

test("a log file gets what stdout gets, and goes on in a new file after it was renamed", async () => {
  writeLines("before\n");
  const file = await openLogFile(path, fail);
  writeLines('{"msg":"one"}\n');
  await isIn(path, '{"msg":"one"}\n');
  renameSync(path, `${path}.1`);
  writeLines('{"msg":"two"}\n');
  await isIn(`${path}.1`, '{"msg":"one"}\n{"msg":"two"}\n');
  file.reopen();
  writeLines('{"msg":"three"}\n');
  await isIn(path, '{"msg":"three"}\n');
  await file.close();
  writeLines('{"msg":"after"}\n');
  expect(readFileSync(path, "utf8")).toBe('{"msg":"three"}\n');
});

test("a file that cannot be opened is an error at once", async () => {
  await expect(openLogFile(folder, fail)).rejects.toThrow(/EISDIR/);
});

test("a file that cannot be written later is told, and stops nothing", async () => {
  const file = await openLogFile("/dev/full", () => told());
  const told = vi.fn();
  writeLines("lost\n");
  await vi.waitFor(() => expect(told).toHaveBeenCalled(), { timeout: 10_000 });
  writeLines("lost\n");
  await file.close();
});
