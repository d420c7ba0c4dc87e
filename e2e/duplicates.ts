import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";

/**
 * `npm run duplicates [-- folder]`: lists the pairs of places that share six or more lines of code, counts
 * them per folder, and fails when there are more than MOST_PAIRS. What counts is set in `.jscpd.json`: `minLines` is
 * 5 because jscpd compares the difference of line numbers, and imports do not count.
 */
const ROOT = resolve(import.meta.dirname, "..");

/** Two fifths of the 275 pairs of commit c40acf0. */
const MOST_PAIRS = 110;

const Place = z.object({ name: z.string(), start: z.number(), end: z.number() });
const Report = z.object({
  duplicates: z.array(z.object({ lines: z.number(), firstFile: Place, secondFile: Place })),
});

function findPairs(folder: string): z.output<typeof Report>["duplicates"] {
  const output = mkdtempSync(join(tmpdir(), "tollgate-duplicates-"));
  try {
    const jscpd = createRequire(import.meta.url).resolve("jscpd/run-jscpd.js");
    execFileSync(process.execPath, [jscpd, "-c", join(ROOT, ".jscpd.json"), "-o", output, "."], {
      cwd: folder,
      stdio: ["ignore", "ignore", "pipe"],
    });
    return Report.parse(JSON.parse(readFileSync(join(output, "jscpd-report.json"), "utf8"))).duplicates;
  } finally {
    rmSync(output, { recursive: true });
  }
}

const place = ({ name, start, end }: z.output<typeof Place>) => `${name}:${start}-${end}`;

/** `lib/gateway`: the first two folders of a path. */
const folderOf = (file: string) => file.split("/").slice(0, -1).slice(0, 2).join("/") || ".";

const pairs = findPairs(resolve(process.argv[2] ?? ROOT)).sort((a, b) => b.lines - a.lines);
const pairsByFolder = new Map<string, number>();
for (const { firstFile, secondFile } of pairs) {
  for (const folder of new Set([folderOf(firstFile.name), folderOf(secondFile.name)])) {
    pairsByFolder.set(folder, (pairsByFolder.get(folder) ?? 0) + 1);
  }
}

for (const { lines, firstFile, secondFile } of pairs) {
  console.log(`${String(lines).padStart(4)} lines  ${place(firstFile)} ~ ${place(secondFile)}`);
}
console.log("\nPairs that touch a folder:");
for (const [folder, count] of [...pairsByFolder].sort((a, b) => b[1] - a[1])) {
  console.log(`${String(count).padStart(4)}  ${folder}`);
}
console.log(`\n${pairs.length} duplicates of six or more lines, at most ${MOST_PAIRS} allowed`);
process.exitCode = pairs.length > MOST_PAIRS ? 1 : 0;
