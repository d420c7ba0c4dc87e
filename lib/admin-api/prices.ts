import { CATALOGUE_LIMITS } from "#lib/services/prices/catalogue-limits";
import { importPrices } from "#lib/services/prices/import-prices";
import { type Operation, operation } from "./operation";

export const priceOperations: readonly Operation[] = [
  operation("POST /prices/import", importPrices, {
    summary: "Import a LiteLLM price catalogue",
    description:
      "The body is the file itself. Its prices take precedence over the built-in catalogue, at once also for existing models without a manual price. Models that cannot be billed exactly are skipped, with the reason. Importing the same file again changes nothing. At most 32 MiB, 20,000 models and 64 KiB for each.",
    tag: "Prices",
    largeBody: CATALOGUE_LIMITS,
  }),
];
