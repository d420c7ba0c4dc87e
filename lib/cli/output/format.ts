/** A decimal string of the API as money. It never becomes a number, so no digit is lost. */
export const usd = (amount: string | null | undefined) =>
  amount == null ? null : amount.startsWith("-") ? `-$${amount.slice(1)}` : `$${amount}`;

/** An instant of the API, to the minute, in UTC. */
export const minute = (instant: string | null | undefined) =>
  instant == null ? null : instant.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d).*Z$/, "$1 $2 UTC");

/** An instant's UTC day. */
export const day = (instant: string | null | undefined) => (instant == null ? null : instant.slice(0, 10));

/** Like "3 keys" or "1 key". */
export const counted = (count: number, one: string, many = `${one}s`) =>
  `${count} ${count === 1 ? one : many}`;

/** A word for the shell, quoted if needed. */
export const shellWord = (word: string) =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
