import type { Output } from "#lib/cli/io";
import { minute, usd } from "#lib/cli/output/format";
import { type Column, type Fact, factLines, tableLines } from "#lib/cli/output/table";

type Row = Readonly<Record<string, unknown>>;

/** What people look for first. */
const FIRST = ["created_at", "at", "time", "hour", "name", "email", "id", "type", "status"];
const MOST_COLUMNS = 10;
/** Of what has no short form, such as the models that an imported catalogue does not price. */
const MOST_CHARACTERS = 500;

/** Rows of any kind as a table of what all of them have: texts, numbers and names of what they belong to. */
export function tableOf(items: readonly unknown[], out: Output): string[] {
  const rows = items.map(asRow);
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const rank = (name: string) => (FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length);
  const columns = names
    .filter((name) => rows.some((row) => shortText(name, row[name]) !== null))
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, MOST_COLUMNS)
    .map((name, at): Column<Row> => {
      const isFixed = name === "id" || name.endsWith("_usd");
      return {
        title: titleOf(name).toUpperCase(),
        value: (row) => shortText(name, row[name]),
        mayShrink: !isFixed,
        mayGo: at > 2 && name !== "id",
      };
    });
  return tableLines(columns, rows, out);
}

/** An answer of any kind: a list as a table, an object as facts. */
export function factsOf(value: unknown, out: Output): string[] {
  const row = asRow(value);
  const { data, ...others } = row;
  if (Array.isArray(data)) {
    const facts = factsIn(others);
    return [...(data.length === 0 ? ["None."] : tableOf(data, out)), ...factLines(facts, out)];
  }
  return factLines(factsIn(row), out);
}

const factsIn = (row: Row): Fact[] =>
  Object.entries(row)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => [titleOf(name), shortText(name, value) ?? cut(JSON.stringify(value))]);

const cut = (json: string): string =>
  json.length <= MOST_CHARACTERS ? json : `${json.slice(0, MOST_CHARACTERS)}… (all of it with --json)`;

const asRow = (value: unknown): Row =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : { value };

const titleOf = (name: string) => name.replace(/_usd$/, "").replaceAll("_", " ");

/** Null for what has no short form. */
function shortText(name: string, value: unknown): string | number | null {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "string") return name.endsWith("_usd") ? usd(value) : minute(value);
  if (Array.isArray(value)) return value.every((each) => typeof each === "string") ? value.join(", ") : null;
  if (typeof value !== "object" || value === null) return null;
  const { name: named, id } = asRow(value);
  return typeof named === "string" ? named : typeof id === "string" ? id : null;
}
