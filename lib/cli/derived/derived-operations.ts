import { z } from "zod";
import { DerivedOperation } from "./derived-operation";
import operations from "./operations.json";

/** Written by operation-commands.test.ts, from the table of the Admin API: `npx vitest run lib/cli/derived -u`. */
export const DERIVED_OPERATIONS: readonly DerivedOperation[] = z.array(DerivedOperation).parse(operations);
