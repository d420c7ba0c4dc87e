/**
 * The exact decimal of a number from a catalogue, with the point moved to the right (to the left: negative). JSON parses
 * the catalogue's decimal as a double, whose shortest text is the same decimal: one of up to 15 digits survives the round
 * trip, and longer ones in such files are themselves texts of doubles. Then the point moves, without arithmetic.
 */
export function decimalText(value: number, places = 0): string {
  const [mantissa = "", exponent = "0"] = String(value).split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  const digits = whole + fraction;
  const point = whole.length + Number(exponent) + places;
  const padded = digits.padStart(digits.length + Math.max(0, 1 - point), "0").padEnd(point, "0");
  const at = Math.max(1, point);
  const decimals = padded.slice(at).replace(/0+$/, "");
  return `${padded.slice(0, at).replace(/^0+(?=\d)/, "")}${decimals === "" ? "" : `.${decimals}`}`;
}

/** A decimal times a whole number, with the point moved to the left: exact. */
export function decimalTimes(decimal: string, factor: number, placesLeft = 0): string {
  const [whole = "", fraction = ""] = decimal.split(".");
  const places = fraction.length + placesLeft;
  const digits = String(BigInt(whole + fraction) * BigInt(factor)).padStart(places + 1, "0");
  const at = digits.length - places;
  const decimals = digits.slice(at).replace(/0+$/, "");
  return `${digits.slice(0, at)}${decimals === "" ? "" : `.${decimals}`}`;
}
