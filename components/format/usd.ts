/*
 * Amounts are exact decimal strings ("0.000123456789"). These functions shorten the string for display only:
 * nothing is calculated with their results.
 */

type Decimal = { negative: boolean; whole: string; fraction: string };

function read(usd: string): Decimal {
  const negative = usd.startsWith("-");
  const [whole = "0", fraction = ""] = usd.replace("-", "").split(".");
  return { negative, whole, fraction };
}

/** Rounds half away from zero to that many decimals, and keeps trailing zeros. */
export function roundUsd(usd: string, decimals: number): string {
  const { negative, whole, fraction } = read(usd);
  const kept = BigInt(whole + fraction.slice(0, decimals).padEnd(decimals, "0"));
  const up = (fraction[decimals] ?? "0") >= "5" ? 1n : 0n;
  const digits = (kept + up).toString().padStart(decimals + 1, "0");
  const text = decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
  return negative && /[1-9]/.test(text) ? `-${text}` : text;
}

const isZero = (usd: string) => !/[1-9]/.test(usd);

/** "1234567.8" as "1,234,567.8". */
const grouped = (decimal: string) => decimal.replace(/\B(?<!\.\d*)(?=(\d{3})+(?!\d))/g, ",");

const withSign = (decimal: string) =>
  decimal.startsWith("-") ? `−$${grouped(decimal.slice(1))}` : `$${grouped(decimal)}`;

/**
 * Short at every size: cents from a dollar up ("$1,234.50"), two to four decimals from a cent up
 * ("$0.0456"), three significant digits below ("$0.000123").
 */
export function shortUsd(usd: string): string {
  if (isZero(usd)) return "$0.00";
  const { whole, fraction } = read(usd);
  if (!isZero(whole)) return withSign(roundUsd(usd, 2));
  const leadingZeros = fraction.length - fraction.replace(/^0+/, "").length;
  if (leadingZeros < 2) return withSign(roundUsd(usd, 4).replace(/0{1,2}$/, ""));
  return withSign(roundUsd(usd, leadingZeros + 3).replace(/0+$/, ""));
}

/** A sum of many requests: to the cent, unless it is less than one. */
export const totalUsd = (usd: string): string =>
  isZero(roundUsd(usd, 2)) ? shortUsd(usd) : withSign(roundUsd(usd, 2));

/** With that many decimals, for figures that are shown together. */
export const fixedUsd = (usd: string, decimals: number): string => withSign(roundUsd(usd, decimals));

/** With every digit: "$0.000123456789". */
export const exactUsd = (usd: string): string => withSign(usd);

const LEDGER_DECIMALS = 6;

/**
 * For columns: always six decimals, so that the points align, split at the first significant digit.
 * `lead` is shown fainter.
 */
export function ledgerUsd(usd: string): { lead: string; rest: string } {
  if (isZero(usd)) return { lead: "$0.00", rest: "" };
  const text = withSign(roundUsd(usd, LEDGER_DECIMALS));
  if (isZero(text)) return { lead: "<", rest: "$0.000001" };
  const match = /^(−?\$0\.0*)(.*)$/.exec(text);
  return match ? { lead: match[1] ?? "", rest: match[2] ?? "" } : { lead: "", rest: text };
}

/** A rough amount for an axis: "$1.2k", "$0.004". */
export function axisUsd(usd: number): string {
  if (usd === 0) return "$0";
  if (usd >= 1000) return `$${(usd / 1000).toFixed(usd >= 10_000 ? 0 : 1)}k`;
  return `$${Number(usd.toPrecision(2))}`;
}
