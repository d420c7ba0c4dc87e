import { invalidField } from "#lib/http/errors";
import { readCsv } from "#lib/services/read-csv";

const COLUMNS = [
  "email",
  "external_id",
  "organization_id",
  "name",
  "role",
  "payment_valid_until",
  "budget_limit_usd",
  "budget_period",
] as const;
type Column = (typeof COLUMNS)[number];

const METADATA = "metadata.";
const DEFAULT_PERIOD = "month";

/**
 * The rows of `importUsers` from CSV. Empty cells are left out; `metadata.team` is the pair `team`.
 * @throws ServiceError "invalid" for what is no CSV, and for a column that users do not have
 */
export function usersOfCsv(text: string): { users: Record<string, unknown>[] } {
  const rows = readCsv(text, "users");
  const unknown = Object.keys(rows[0] ?? {}).find((name) => !isColumn(name) && !name.startsWith(METADATA));
  if (unknown !== undefined) {
    throw invalidField(
      "users",
      `Unknown column "${unknown.slice(0, 80)}". Columns are ${COLUMNS.join(", ")} and ${METADATA}NAME.`,
    );
  }
  return { users: rows.map(userOfRow) };
}

const isColumn = (name: string): name is Column => COLUMNS.some((column) => column === name);

function userOfRow(row: Record<string, string>): Record<string, unknown> {
  const cells = Object.entries(row).filter(([, cell]) => cell !== "");
  const pairs = cells.filter(([name]) => name.startsWith(METADATA));
  const {
    budget_limit_usd: limit,
    budget_period: period,
    ...user
  } = Object.fromEntries(cells.filter(([name]) => !name.startsWith(METADATA)));
  return {
    ...user,
    ...(limit === undefined ? {} : { budget: { limit_usd: limit, period: period ?? DEFAULT_PERIOD } }),
    ...(pairs.length === 0
      ? {}
      : { metadata: Object.fromEntries(pairs.map(([name, cell]) => [name.slice(METADATA.length), cell])) }),
  };
}
