/** An amount of money in 10⁻¹² US dollars. The database stores it as `numeric(38, 12)`. */
export type PicoUsd = bigint;

const DECIMALS = 12;
const WHOLE_DIGITS = 26;
const AMOUNT = /^(-?)(\d+)(?:\.(\d+))?$/;

/** Thrown for a text that is not an exact amount of US dollars. */
export class InvalidAmount extends Error {
  override name = "InvalidAmount";
}

/**
 * Parses a decimal string in US dollars ("12.5", "-0.000001"), exactly.
 * @throws InvalidAmount for anything else: exponents, a plus sign, more than 12 significant decimals, or more digits than
 * `numeric(38, 12)` can store
 */
export function parseUsd(text: string): PicoUsd {
  const match = AMOUNT.exec(text);
  if (!match) throw new InvalidAmount(`"${text}" is not an amount in US dollars, such as "12.5"`);
  const [, sign, whole = "", fraction = ""] = match;
  const significant = fraction.replace(/0+$/, "");
  if (significant.length > DECIMALS) {
    throw new InvalidAmount(`"${text}" has more than ${DECIMALS} decimals`);
  }
  if (whole.replace(/^0+/, "").length > WHOLE_DIGITS) throw new InvalidAmount(`"${text}" is too large`);
  const picoUsd = BigInt(whole + significant.padEnd(DECIMALS, "0"));
  return sign === "-" ? -picoUsd : picoUsd;
}

/** Formats an amount as the API does: exact, without trailing zeros or an exponent ("12.5", "0"). */
export function formatUsd(picoUsd: PicoUsd): string {
  const negative = picoUsd < 0n;
  const digits = (negative ? -picoUsd : picoUsd).toString().padStart(DECIMALS + 1, "0");
  const whole = digits.slice(0, -DECIMALS);
  const fraction = digits.slice(-DECIMALS).replace(/0+$/, "");
  return `${negative ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}
