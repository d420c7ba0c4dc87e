import { formatUsd, type PicoUsd } from "#lib/credit/money";

const PICO_PER_MICRO = 1_000_000n;

/**
 * An amount of at least zero for a message, such as "$0.12": rounded to six decimals, or exact if that would leave
 * nothing of it.
 * @param rounding `down` for what there is, `up` for what is needed, so that the message never promises too much
 */
export function shortUsd(picoUsd: PicoUsd, rounding: "down" | "up"): string {
  if (picoUsd < PICO_PER_MICRO) return `$${formatUsd(picoUsd)}`;
  const micro = (picoUsd + (rounding === "up" ? PICO_PER_MICRO - 1n : 0n)) / PICO_PER_MICRO;
  return `$${formatUsd(micro * PICO_PER_MICRO).replace(/\.\d$/, "$&0")}`;
}
