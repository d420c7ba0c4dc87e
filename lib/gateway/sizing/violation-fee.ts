import type { PicoUsd } from "#lib/credit/money";
import type { Route } from "#lib/gateway/routing/routing";
import { hasViolationFee } from "#lib/providers/xai";

/** xAI's fee for a request (lib/providers/xai.ts): $0.05. */
const FEE_PICO_USD = 50_000_000_000n;

/** What a route charges instead of tokens for a request that violates its provider's guidelines; mostly 0. */
export const violationFeePicoUsd = ({ target, wire }: Pick<Route, "target" | "wire">): PicoUsd =>
  hasViolationFee(target, wire) ? FEE_PICO_USD : 0n;
