import { z } from "zod";

/** A setting of every provider type. */
export const ListModels = z
  .boolean()
  .optional()
  .describe(
    "Whether clients may request the provider's models as `provider/model` without a model being created, if a catalogue has their price.",
  );
