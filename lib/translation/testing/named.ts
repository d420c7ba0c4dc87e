/** What a table has under a name. */
export function named<T>(table: Readonly<Partial<Record<string, T>>>, name: string): T {
  const found = table[name];
  if (found === undefined) throw new Error(`there is nothing for ${name}`);
  return found;
}
