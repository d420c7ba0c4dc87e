/*
 * Money arrives as an exact decimal text ("0.000123456789") and is shortened here, on the text itself,
 * for eyes only. Nothing is calculated with what comes out.
 */

type Decimal = { negative: boolean; whole: string; fraction: string };

function read(usd: string): Decimal {
  const negative = usd.startsWith("-");
  const [whole = "0", fraction = ""] = usd.replace("-", "").split(".");
  return { negative, whole, fraction };
}

/** Rounds half up, away from zero, to that many decimals; keeps them all, zeros too. */
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
 * Short, and useful at every size: cents from a dollar on ("$1,234.50"), two to four decimals from a cent
 * on ("$0.0456"), three digits that count below ("$0.000123").
 */
export function shortUsd(usd: string): string {
  if (isZero(usd)) return "$0.00";
  const { whole, fraction } = read(usd);
  if (!isZero(whole)) return withSign(roundUsd(usd, 2));
  const leadingZeros = fraction.length - fraction.replace(/^0+/, "").length;
  if (leadingZeros < 2) return withSign(roundUsd(usd, 4).replace(/0{1,2}$/, ""));
  return withSign(roundUsd(usd, leadingZeros + 3).replace(/0+$/, ""));
}

/** A sum of many requests: to the cent, as long as there are cents. */
export const totalUsd = (usd: string): string =>
  isZero(roundUsd(usd, 2)) ? shortUsd(usd) : withSign(roundUsd(usd, 2));

/** With that many decimals, whatever they are: for figures that stand together. */
export const fixedUsd = (usd: string, decimals: number): string => withSign(roundUsd(usd, decimals));

/** All of it: "$0.000123456789". */
export const exactUsd = (usd: string): string => withSign(usd);

const LEDGER_DECIMALS = 6;

/**
 * For columns: always six decimals, so that points stand above each other, cut where the digits that
 * count begin. `lead` is meant to be shown fainter.
 */
export function ledgerUsd(usd: string): { lead: string; rest: string } {
  if (isZero(usd)) return { lead: "$0.00", rest: "" };
  const text = withSign(roundUsd(usd, LEDGER_DECIMALS));
  if (isZero(text)) return { lead: "<", rest: "$0.000001" };
  const match = /^(−?\$0\.0*)(.*)$/.exec(text);
  return match ? { lead: match[1] ?? "", rest: match[2] ?? "" } : { lead: "", rest: text };
}

/** For an axis, where a rough figure is enough: "$1.2k", "$0.004". */
export function axisUsd(usd: number): string {
  if (usd === 0) return "$0";
  if (usd >= 1000) return `$${(usd / 1000).toFixed(usd >= 10_000 ? 0 : 1)}k`;
  return `$${Number(usd.toPrecision(2))}`;
}
