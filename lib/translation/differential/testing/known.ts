import { readFileSync } from "node:fs";
import { type Difference, isSame } from "./differences";

/** A difference that was found: for which model, and of which conversation or answer. */
export type Found = Difference & { wire: string; model: string; of: string };

/** A row of DIFFERENCES.md, and what the section that it is in says. */
export type Known = {
  wire: string;
  /** Parts of the models' names; none for all that are asked. */
  models: readonly string[];
  /** The conversation or the answer; null for any. */
  of: string | null;
  /** Null for a request as a whole. */
  path: string | null;
  ours: unknown;
  theirs: unknown;
  /** How the AI SDK names the field, where the value is the same. */
  theirName: string | null;
  why: string;
  source: string;
};

const FILE = new URL("../DIFFERENCES.md", import.meta.url);
const ABSENT = "none";
const ALL = "all";
const RENAMED = /^the same as `(\w+)`$/;

/** The known differences in a part of DIFFERENCES.md. */
export function knownIn(part: "Requests" | "Answers"): Known[] {
  const parts = readFileSync(FILE, "utf8").split(/^# /m);
  const own = parts.find((text) => text.startsWith(`${part}\n`)) ?? "";
  return own.split(/^## /m).slice(1).flatMap(rowsOf);
}

function rowsOf(section: string): Known[] {
  const [why = "", ...lines] = section.split("\n");
  const [, source = ""] = /^<(https:.+)>$/m.exec(section) ?? [];
  const [, , ...rows] = lines.filter((line) => line.startsWith("|"));
  return rows.map((row) => {
    const [, wire = "", models = "", where = "", ours = "", theirs = ""] = row
      .split("|")
      .map((cell) => cell.trim());
    const [, of, path] = /^(?:([^`]+?)(?:: )?)?(?:`(.+)`)?$/.exec(where) ?? [];
    const theirName = RENAMED.exec(theirs)?.[1] ?? null;
    return {
      wire,
      models: models === ALL ? [] : models.split(", "),
      of: of ?? null,
      path: path ?? null,
      ours: theirName === null ? cellValue(ours) : null,
      theirs: theirName === null ? cellValue(theirs) : null,
      theirName,
      why,
      source,
    };
  });
}

/** JSON where it is code, else words. */
function cellValue(cell: string): unknown {
  if (cell === ABSENT) return undefined;
  return cell.startsWith("`") ? JSON.parse(cell.slice(1, -1)) : cell;
}

/** Whether a difference that was found is this one. */
export const isKnown = (found: Found, known: Known): boolean =>
  known.theirName === null &&
  known.wire === found.wire &&
  isFor(known, found.model) &&
  (known.of ?? found.of) === found.of &&
  (known.path ?? "") === found.path &&
  isSame(known.ours, found.ours) &&
  isSame(known.theirs, found.theirs);

const isFor = ({ models }: Known, model: string): boolean =>
  models.length === 0 || models.some((name) => model.includes(name));

/** The models that a row is for, of those that are asked on its wire. */
export const modelsOf = (known: Known, asked: readonly string[]): string[] =>
  asked.filter((model) => isFor(known, model));

/** A difference as a row of the table. */
function rowOf({ wire, model, of, path, ours, theirs }: Found): string {
  const cell = (value: unknown): string =>
    value === undefined ? ABSENT : path === "" ? String(value) : `\`${JSON.stringify(value)}\``;
  return `| ${wire} | ${model} | ${of}${path === "" ? "" : `: \`${path}\``} | ${cell(ours)} | ${cell(theirs)} |`;
}

/** The differences that are not known, as rows to add to the table. */
export const unknownRows = (found: readonly Found[], known: readonly Known[]): string[] =>
  found.filter((one) => !known.some((row) => isKnown(one, row))).map(rowOf);

/** A row of the table again, to be found in it. */
export const nameOf = ({ wire, of, path, why }: Known): string =>
  [wire, of, path, why].filter((part) => part !== null).join(" | ");
