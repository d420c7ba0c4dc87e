import { createHash } from "node:crypto";

/** ENCRYPTION_KEY of the bench's database with many rows: the same in every run, since the database keeps what it seals. */
export const ROWS_ENCRYPTION_KEY = createHash("sha256").update("the bench's rows").digest("base64");
