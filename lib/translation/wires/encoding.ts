import type { EncodeOptions } from "#lib/translation/turn";
import type { Notes } from "./notes";
import type { ToolNames } from "./tool-names";

/** What the parts of a request need to know of it. */
export type Encoding = { options: EncodeOptions; names: ToolNames; notes: Notes };
