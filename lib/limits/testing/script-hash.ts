import { createHash } from "node:crypto";

/** The hash by which Redis knows a script. */
export const scriptHash = (source: string): string => createHash("sha1").update(source).digest("hex");
