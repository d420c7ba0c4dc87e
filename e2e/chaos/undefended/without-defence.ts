import type { Replacements } from "#lib/testing/bundle-program";
import type { AttackName } from "../hostile/attack";

/**
 * What is replaced in the gateways of a run without the defence from an attack. The replacements are files of this
 * folder, so no setting of the product can switch a defence off.
 */
export const WITHOUT_DEFENCE: Readonly<Record<AttackName, Replacements>> = {
  "output-bounds": { "lib/dialects/bounds/read-limits.ts": "e2e/chaos/undefended/read-limits.ts" },
  "hidden-output": { "lib/gateway/sizing/estimate-output.ts": "e2e/chaos/undefended/estimate-output.ts" },
  media: { "lib/gateway/sizing/media-tokens.ts": "e2e/chaos/undefended/media-tokens.ts" },
  "errors-in-200": { "lib/gateway/pipeline/failed-attempt.ts": "e2e/chaos/undefended/failed-attempt.ts" },
};
