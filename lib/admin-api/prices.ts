import { ImportPricesInput, importPrices, PriceImport } from "#lib/services/prices/import-prices";
import { type Operation, operation } from "./operation";

/** What models cost where no price is given by hand. */
export const priceOperations: readonly Operation[] = [
  operation({
    method: "POST",
    path: "/prices/import",
    summary: "Import a LiteLLM price catalogue",
    description:
      "The body is the file as it is. Its prices go before the built-in catalogue's, at once also for models whose price was not given by hand. What cannot be billed exactly is skipped, with the reason. Importing a file again changes nothing.",
    tag: "Prices",
    status: 200,
    input: ImportPricesInput,
    output: PriceImport,
    // The file has more than a megabyte.
    maxBodyBytes: 32 * 1024 * 1024,
    run: importPrices,
  }),
];
