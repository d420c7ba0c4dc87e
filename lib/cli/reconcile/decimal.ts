/*
 * Decimal numbers for exact comparison. Providers write floating-point numbers with exponents and more digits
 * than money has.
 */

/** A number in units of 10⁻³⁰. */
export type Decimal = bigint;

const DECIMALS = 30;
const NUMBER = /^(-?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;

/** Null if it is not a number or has too many decimals. */
export function parseDecimal(text: string): Decimal | null {
  const [, sign, whole = "", fraction = "", exponent = "0"] = NUMBER.exec(text) ?? [];
  if (sign === undefined || whole + fraction === "") return null;
  const digits = BigInt(whole + fraction);
  const zeros = DECIMALS - fraction.length + Number(exponent);
  if (zeros < 0 && digits % 10n ** BigInt(-zeros) !== 0n) return null;
  const value = zeros < 0 ? digits / 10n ** BigInt(-zeros) : digits * 10n ** BigInt(zeros);
  return sign === "-" ? -value : value;
}

export const ofWhole = (whole: number): Decimal => BigInt(whole) * 10n ** BigInt(DECIMALS);

/** Exact, without trailing zeros. */
export function formatDecimal(value: Decimal): string {
  const digits = absolute(value)
    .toString()
    .padStart(DECIMALS + 1, "0");
  const fraction = digits.slice(-DECIMALS).replace(/0+$/, "");
  return `${value < 0n ? "-" : ""}${digits.slice(0, -DECIMALS)}${fraction && `.${fraction}`}`;
}

export const absolute = (value: Decimal): Decimal => (value < 0n ? -value : value);
