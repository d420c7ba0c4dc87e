import { importPrices } from "#lib/services/prices/import-prices";
import { type Operation, operation } from "./operation";

export const priceOperations: readonly Operation[] = [
  operation("POST /prices/import", importPrices, {
    summary: "Import a LiteLLM price catalogue",
    description:
      "The body is the file itself. Its prices take precedence over the built-in catalogue, at once also for existing models without a manual price. Models that cannot be billed exactly are skipped, with the reason. Importing the same file again changes nothing.",
    tag: "Prices",
    // The file is larger than a megabyte.
    maxBodyBytes: 32 * 1024 * 1024,
  }),
];
