/**
 * The first row of what an insert returns.
 * @throws if it returns none
 */
export function firstRow<T>(rows: readonly T[]): T {
  const [row] = rows;
  if (row === undefined) throw new Error("no row was inserted");
  return row;
}
