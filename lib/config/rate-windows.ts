/** At most so many requests or tokens, or both, in a time. */
export type WindowLimit = { requests?: number; tokens?: number; seconds: number };

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };
const WINDOW = /^(\d{1,11}) ?(requests|tokens)?\/(\d{1,7})?([smhd])$/;
const LONGEST_S = 31 * 86_400;

export const WINDOW_EXAMPLES = '"100/1h" or "50000tokens/7d"';

/** What such a text must be. */
export const WINDOW_FORM = `a number of requests or tokens, "/" and a time of at most 31d in s, m, h or d (of tokens, in whole minutes above 60s), like ${WINDOW_EXAMPLES}`;

/** Reads a window: `100/1h` or `100requests/1h`, `50000tokens/1d`. Null for another text. */
export function windowOf(text: string): WindowLimit | null {
  const [, amount, unit = "requests", times = "1", length] = WINDOW.exec(text.trim()) ?? [];
  const unitSeconds = SECONDS[length ?? ""];
  if (amount === undefined || unitSeconds === undefined) return null;
  const seconds = Number(times) * unitSeconds;
  if (Number(amount) < 1 || seconds < 1 || seconds > LONGEST_S) return null;
  if (unit === "requests") return { requests: Number(amount), seconds };
  return isTokenLength(seconds) ? { tokens: Number(amount), seconds } : null;
}

/** Whether a window of tokens may be so long: it refills in 600 whole steps, or ten a second. */
export const isTokenLength = (seconds: number): boolean => seconds <= 60 || seconds % 60 === 0;

/** Writes windows as `windowOf` reads them: `["100/1h", "50000tokens/1d"]`. */
export const windowTexts = ({ requests, tokens, seconds }: WindowLimit): string[] => {
  const [letter = "s", unitSeconds = 1] =
    Object.entries(SECONDS)
      .toReversed()
      .find(([, each]) => seconds % each === 0) ?? [];
  const time = `${seconds / unitSeconds}${letter}`;
  return [
    ...(requests === undefined ? [] : [`${requests}/${time}`]),
    ...(tokens === undefined ? [] : [`${tokens}tokens/${time}`]),
  ];
};
